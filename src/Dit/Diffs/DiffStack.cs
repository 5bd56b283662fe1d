using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>Many low-rank weight diffs side by side, so that row i of a batch can carry diff i. Owns its tensors.</summary>
public sealed class DiffStack : IDisposable
{
    private readonly Tensor? scalings;

    /// <summary>A stack of given factors.</summary>
    /// <param name="sites">Factors by site name; all with the same number of diffs and the same rank.</param>
    /// <param name="scaling">By which every product is multiplied.</param>
    /// <param name="rowScalings">By which each diff's products are multiplied besides; null where by nothing.</param>
    public DiffStack(IReadOnlyDictionary<string, StackedFactors> sites, double scaling, IReadOnlyList<double>? rowScalings = null)
    {
        Sites = sites;
        Scaling = scaling;
        RowScalings = rowScalings;
        if (rowScalings is not null)
        {
            using var drawn = tensor(rowScalings.Select(own => scaling * own).ToArray(), [rowScalings.Count, 1, 1]);
            scalings = drawn.to(sites.First().Value.A.dtype, Device, copy: true).DetachFromDisposeScope();
        }

        foreach (var factors in sites.Values)
        {
            factors.A.DetachFromDisposeScope();
            factors.B.DetachFromDisposeScope();
        }
    }

    /// <summary>Factors by site name.</summary>
    public IReadOnlyDictionary<string, StackedFactors> Sites { get; }

    /// <summary>By which every product is multiplied; 1/rank in the paper's recipe.</summary>
    public double Scaling { get; }

    /// <summary>By which each diff's products are multiplied besides, as in a batch of diffs that are trained with different ranks; null where by nothing.</summary>
    public IReadOnlyList<double>? RowScalings { get; }

    /// <summary>How many diffs there are.</summary>
    public int Count => (int)Sites.First().Value.A.shape[0];

    /// <summary>Rank of the factors.</summary>
    public int Rank => (int)Sites.First().Value.A.shape[1];

    /// <summary>Numbers in one diff.</summary>
    public long ParametersPerDiff => Sites.Values.Sum(factors => (factors.A.numel() + factors.B.numel()) / Count);

    /// <summary>All factors by name, <c>SITE.lora_A</c> and <c>SITE.lora_B</c>, in a fixed order.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors() => Sites.OrderBy(site => site.Key, StringComparer.Ordinal).SelectMany(site => new[]
    {
        KeyValuePair.Create(site.Key + ".lora_A", site.Value.A), KeyValuePair.Create(site.Key + ".lora_B", site.Value.B),
    });

    /// <summary>What to add to a forward pass whose row i is to carry diff i.</summary>
    public Overlays Overlay() => Overlays.None.With(Sites.ToDictionary(
        site => site.Key,
        site => (ISiteOverlay)(scalings is null ? new RowLowRank(site.Value.A, site.Value.B, Scaling) : new RowLowRank(site.Value.A, site.Value.B, scalings)),
        StringComparer.Ordinal));

    /// <summary>The same for a training step, with a place for the gradient of each factor that is trained.</summary>
    /// <param name="gradient">The place by the names of <see cref="Tensors"/>, or null where a factor is frozen; null where all are.</param>
    public IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> Terms(Func<string, Tensor?>? gradient = null) => Sites.ToDictionary(
        site => site.Key,
        site => (IReadOnlyList<LowRankTerm>)[new LowRankTerm(site.Value.A, site.Value.B, Scaling, gradient?.Invoke(site.Key + ".lora_A"), gradient?.Invoke(site.Key + ".lora_B"), RowScalings?.Select(own => Scaling * own).ToArray())],
        StringComparer.Ordinal);

    /// <summary>What to add to a forward pass whose row i is to carry diff <paramref name="diffs"/>[i]; -1 stands for none. It belongs to the current dispose scope.</summary>
    public Overlays Overlay(IReadOnlyList<int> diffs) => Overlays.None.With(
        Selected(diffs, Device).ToDictionary(site => site.Key, site => (ISiteOverlay)new RowLowRank(site.Value.A, site.Value.B, Scaling), StringComparer.Ordinal));

    /// <summary>Where the factors are.</summary>
    public Device Device => Sites.First().Value.A.device;

    /// <summary>A new stack of some of the diffs, in that order; -1 stands for no diff (zeros). Scalings of their own are multiplied in. It is on this one's device where no other is named.</summary>
    public DiffStack Select(IReadOnlyList<int> diffs, Device? device = null) => new(Selected(diffs, device ?? Device), Scaling);

    /// <summary>The factors of some of the diffs; they belong to the current dispose scope.</summary>
    private Dictionary<string, StackedFactors> Selected(IReadOnlyList<int> diffs, Device device)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var rows = tensor(diffs.Select(i => (long)Math.Max(i, 0)).ToArray(), device: Device);
        var keep = tensor(diffs.Select(i => i < 0 ? 0f : (float)(RowScalings?[i] ?? 1)).ToArray(), device: Device).view(-1, 1, 1);
        return Sites.ToDictionary(
            site => site.Key,
            site => new StackedFactors(
                site.Value.A.index_select(0, rows).to(device).MoveToOuterDisposeScope(), site.Value.B.index_select(0, rows).mul_(keep).to(device).MoveToOuterDisposeScope()),
            StringComparer.Ordinal);
    }

    /// <summary>Some neighbours as a stack of their own. It shares this stack's numbers: a change to them is one to both.</summary>
    public DiffStack Slice(int first, int count)
    {
        using var scope = NewDisposeScope();
        return new DiffStack(
            Sites.ToDictionary(site => site.Key, site => new StackedFactors(site.Value.A.narrow(0, first, count), site.Value.B.narrow(0, first, count)), StringComparer.Ordinal), Scaling, RowScalings is null ? null : [.. RowScalings.Skip(first).Take(count)]);
    }

    /// <summary>The same diffs with every product multiplied by a factor. It shares this stack's factors, which stay this one's to dispose.</summary>
    public DiffStack Times(double factor) => new(Sites, Scaling * factor, RowScalings);

    /// <summary>‖ΔW‖, the Frobenius norm with the scaling in it, of every diff by site.</summary>
    public IReadOnlyDictionary<string, double[]> Norms()
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        return Sites.ToDictionary(site => site.Key, site => Scaled(RandomDiffs.Norms(site.Value.A, site.Value.B).Times(Scaling).cpu().data<double>().ToArray()), StringComparer.Ordinal);

        double[] Scaled(double[] norms) => RowScalings is null ? norms : [.. norms.Zip(RowScalings, (norm, scaling) => norm * scaling)];
    }

    /// <summary>Leaves out each diff at each site with some probability, in place, and scales up what stays so that the sum is expected the same.</summary>
    public void DropSites(RandomStream random, double probability)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, factors) in Sites.OrderBy(site => site.Key, StringComparer.Ordinal))
        {
            var keep = Enumerable.Range(0, Count).Select(_ => random.NextDouble() < probability ? 0f : (float)(1 / (1 - probability))).ToArray();
            factors.B.mul_(tensor(keep, device: Device).view(-1, 1, 1));
        }
    }

    /// <summary>One diff as a PEFT adapter, with tensors of its own.</summary>
    public PeftAdapter ToPeft(int diff, string baseModel)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        return new PeftAdapter(baseModel, Sites.ToDictionary(site => site.Key, site => new LowRankFactors(One(site.Value.A), One(site.Value.B), Scaling * (RowScalings?[diff] ?? 1)), StringComparer.Ordinal));

        Tensor One(Tensor factors) => factors[diff].clone().MoveToOuterDisposeScope();
    }

    /// <summary>Stacks adapters of any ranks and scalings; missing sites and ranks are filled with zeros.</summary>
    public static DiffStack Of(IReadOnlyList<PeftAdapter> adapters)
    {
        var layout = new StackLayout();
        foreach (var adapter in adapters)
        {
            layout.Add(adapter);
        }

        return layout.Padded(adapters);
    }

    /// <summary>One stack after another, as one. Ranks and sites that only some have are filled with zeros; where scalings differ they are multiplied in.</summary>
    /// <param name="stacks">At least one, on one device; they stay as they are.</param>
    public static DiffStack Join(IReadOnlyList<DiffStack> stacks)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var rank = stacks.Max(stack => stack.Rank);
        var (first, same) = (stacks[0], stacks.All(stack => stack.Scaling == stacks[0].Scaling && stack.RowScalings is null));
        var sites = stacks.SelectMany(stack => stack.Sites.Keys).Distinct(StringComparer.Ordinal);
        return new DiffStack(sites.ToDictionary(site => site, Joined, StringComparer.Ordinal), same ? first.Scaling : 1);

        StackedFactors Joined(string site)
        {
            var like = stacks.First(stack => stack.Sites.ContainsKey(site)).Sites[site];
            var (inputs, outputs) = (like.A.shape[2], like.B.shape[1]);
            var (a, b) = (new List<Tensor>(), new List<Tensor>());
            foreach (var stack in stacks)
            {
                // Zeros in all the places that this stack has no numbers for.
                a.Add(zeros([stack.Count, rank, inputs], like.A.dtype, like.A.device));
                b.Add(zeros([stack.Count, outputs, rank], like.B.dtype, like.B.device));
                if (stack.Sites.TryGetValue(site, out var factors))
                {
                    a[^1].narrow(1, 0, stack.Rank).copy_(factors.A);
                    b[^1].narrow(2, 0, stack.Rank).copy_(same ? factors.B : stack.scalings is null ? factors.B.Times(stack.Scaling) : factors.B.mul(stack.scalings));
                }
            }

            return new StackedFactors(cat(a), cat(b));
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        scalings?.Dispose();
        foreach (var factors in Sites.Values)
        {
            factors.A.Dispose();
            factors.B.Dispose();
        }
    }
}
