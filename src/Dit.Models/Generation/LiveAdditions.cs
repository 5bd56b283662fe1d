using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>
/// What is added to a model for the rows in the slots of a batch. Rows' own diffs lie stacked, and only what has to move is copied when rows come and go;
/// adapters are there once, with a factor for each row that is 0 where the row has another or none.
/// </summary>
internal sealed class LiveAdditions(Decoder model) : IDisposable
{
    // Scalings keep their precision where factors are of 16 bits, as numbers do that multiply all rows alike.
    private readonly ScalarType scalingType = model.Type == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
    private Dictionary<string, Stack> stacks = new(StringComparer.Ordinal);
    private Dictionary<IReadOnlyDictionary<string, LowRankFactors>, Dictionary<string, Stack>> adapters = new(ReferenceEqualityComparer.Instance);
    private List<Tensor> scalings = [];

    /// <summary>For a pass through all slots; good until the next arrangement.</summary>
    public Overlays Overlays { get; private set; } = Overlays.None;

    /// <summary>There is an adapter that none of these rows has.</summary>
    public bool HasMoreThan(IEnumerable<LiveRow> rows) => adapters.Keys.Any(adapter => rows.All(row => !ReferenceEquals(row.Adapter, adapter)));

    /// <summary>Carries what other rows have. Where it throws, everything is as it was but for what was in slots that were free.</summary>
    /// <param name="slots">The rows by slot; null where a slot is free.</param>
    /// <param name="former">In which slot a row was before; -1 for one that is new, and for free slots.</param>
    /// <param name="room">How many slots there are, and what ranks they hold.</param>
    public void Arrange(IReadOnlyList<LiveRow?> slots, IReadOnlyList<int> former, LiveRoom room)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        int[] added = [.. Enumerable.Range(0, slots.Count).Where(slot => slots[slot] is not null && former[slot] < 0)];
        int[] stayed = [.. Enumerable.Range(0, slots.Count).Where(slot => former[slot] >= 0)];
        var next = room.Ranks.ToDictionary(site => site.Key, site => Stacked(site.Key, site.Value, slots, former, added, stayed), StringComparer.Ordinal);
        var wanted = slots.Select(row => row?.Adapter).OfType<IReadOnlyDictionary<string, LowRankFactors>>().Distinct(ReferenceEqualityComparer.Instance)
            .Cast<IReadOnlyDictionary<string, LowRankFactors>>().ToArray();
        var nextAdapters = new Dictionary<IReadOnlyDictionary<string, LowRankFactors>, Dictionary<string, Stack>>(ReferenceEqualityComparer.Instance);
        foreach (var adapter in wanted)
        {
            // A handle of its own keeps the factors where they belong to somebody who lets go of them.
            nextAdapters[adapter] = adapters.GetValueOrDefault(adapter) ?? adapter.ToDictionary(
                site => site.Key, site => new Stack(site.Value.A.to(model.Type, model.Device).alias(), site.Value.B.to(model.Type, model.Device).alias()), StringComparer.Ordinal);
        }

        var (made, overlays) = Overlaid(slots, next, nextAdapters);
        // From here on nothing can fail.
        Keep(stacks.Values, next.Values);
        Keep(adapters.Values.SelectMany(sites => sites.Values), nextAdapters.Values.SelectMany(sites => sites.Values));
        scalings.ForEach(tensor => tensor.Dispose());
        made.ForEach(tensor => tensor.DetachFromDisposeScope());
        (stacks, adapters, scalings, Overlays) = (next, nextAdapters, made, overlays);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Keep(stacks.Values.Concat(adapters.Values.SelectMany(sites => sites.Values)), []);
        scalings.ForEach(tensor => tensor.Dispose());
    }

    /// <summary>A site's stack with room for as many slots and as high a rank: the present one where it is that already.</summary>
    private Stack Stacked(string name, int rank, IReadOnlyList<LiveRow?> slots, IReadOnlyList<int> former, int[] added, int[] stayed)
    {
        using var scope = NewDisposeScope();
        var site = model.SiteOf(name)!;
        var present = stacks.GetValueOrDefault(name);
        var stack = present is not null && present.A.shape[0] == slots.Count && present.A.shape[1] == rank && Array.TrueForAll(stayed, slot => former[slot] == slot)
            ? present
            : Moved(site, rank, slots.Count, present, former, stayed);
        if (added.Length > 0)
        {
            var target = tensor(added.Select(slot => (long)slot).ToArray(), device: model.Device);
            stack.A.index_copy_(0, target, torch.stack(added.Select(slot => Filled(slots[slot]!, name, rank, pair => pair.A, [rank, site.InFeatures]))));
            stack.B.index_copy_(0, target, torch.stack(added.Select(slot => Filled(slots[slot]!, name, rank, pair => pair.B, [site.OutFeatures, rank]))));
        }

        if (!ReferenceEquals(stack, present))
        {
            stack.A.MoveToOuterDisposeScope();
            stack.B.MoveToOuterDisposeScope();
        }

        return stack;
    }

    /// <summary>A factor of a row's diff as it lies in a stack: with zeros where its rank is lower, or there is none.</summary>
    private Tensor Filled(LiveRow row, string name, int rank, Func<LowRankFactors, Tensor> which, long[] shape)
    {
        var own = row.Diff?.GetValueOrDefault(name);
        // Asking tensors for their shapes and types takes longer than stacking them.
        if (own is not null && row.IsAsComputed && row.Ranks[name] == rank)
        {
            return which(own);
        }

        var filled = zeros(shape, model.Type, model.Device);
        if (own is not null && row.Ranks[name] > 0)
        {
            var factor = which(own);
            filled.narrow(0, 0, factor.shape[0]).narrow(1, 0, factor.shape[1]).copy_(factor);
        }

        return filled;
    }

    private Stack Moved(Site site, int rank, int count, Stack? present, IReadOnlyList<int> former, int[] stayed)
    {
        if (present is not null && stayed.Length > 0 && present.A.shape[1] >= rank)
        {
            // In a slot that is free there may be anything, such as what the first slot held. What stays has no higher rank than there is room for.
            var source = tensor(former.Select(slot => (long)Math.Max(slot, 0)).ToArray(), device: model.Device);
            return new Stack(present.A.narrow(1, 0, rank).index_select(0, source), present.B.narrow(2, 0, rank).index_select(0, source));
        }

        var stack = new Stack(
            zeros([count, rank, site.InFeatures], model.Type, model.Device), zeros([count, site.OutFeatures, rank], model.Type, model.Device));
        if (present is not null && stayed.Length > 0)
        {
            // Behind its rank there are zeros.
            var kept = present.A.shape[1];
            var source = tensor(stayed.Select(slot => (long)former[slot]).ToArray(), device: model.Device);
            var target = tensor(stayed.Select(slot => (long)slot).ToArray(), device: model.Device);
            stack.A.narrow(1, 0, kept).index_copy_(0, target, present.A.index_select(0, source));
            stack.B.narrow(2, 0, kept).index_copy_(0, target, present.B.index_select(0, source));
        }

        return stack;
    }

    /// <summary>The overlays, and the scalings that were made for them; layers where all rows are scaled alike share one.</summary>
    private (List<Tensor> Made, Overlays Overlays) Overlaid(
        IReadOnlyList<LiveRow?> slots, Dictionary<string, Stack> diffs, Dictionary<IReadOnlyDictionary<string, LowRankFactors>, Dictionary<string, Stack>> shared)
    {
        var made = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var overlays = Overlays.None.With(diffs.ToDictionary(
            site => site.Key,
            site => (ISiteOverlay)new RowLowRank(
                site.Value.A, site.Value.B, Scaling(slots.Select(row => row?.Diff?.GetValueOrDefault(site.Key) is { } own ? own.Scaling * row.Strength : 0))),
            StringComparer.Ordinal));
        foreach (var (adapter, sites) in shared)
        {
            overlays = overlays.With(sites.ToDictionary(
                site => site.Key,
                site => (ISiteOverlay)new MaskedLowRank(
                    site.Value.A, site.Value.B, Scaling(slots.Select(row => ReferenceEquals(row?.Adapter, adapter) ? adapter[site.Key].Scaling : 0))),
                StringComparer.Ordinal));
        }

        return ([.. made.Values], overlays);

        Tensor Scaling(IEnumerable<double> perRow)
        {
            var numbers = perRow.ToArray();
            var key = string.Join(' ', numbers.Select(BitConverter.DoubleToInt64Bits));
            if (!made.TryGetValue(key, out var scaling))
            {
                made[key] = scaling = tensor(numbers, [numbers.Length, 1, 1]).to(scalingType, model.Device);
            }

            return scaling;
        }
    }

    /// <summary>Frees those that are not kept and holds those that are.</summary>
    private static void Keep(IEnumerable<Stack> former, IEnumerable<Stack> kept)
    {
        var stay = kept.ToHashSet();
        foreach (var stack in former.Where(stack => !stay.Contains(stack)))
        {
            stack.A.Dispose();
            stack.B.Dispose();
        }

        foreach (var stack in stay)
        {
            stack.A.DetachFromDisposeScope();
            stack.B.DetachFromDisposeScope();
        }
    }

    private sealed class Stack(Tensor a, Tensor b)
    {
        public Tensor A => a;

        public Tensor B => b;
    }
}
