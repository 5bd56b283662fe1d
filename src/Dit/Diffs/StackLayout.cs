using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>
/// How diffs can lie side by side in one set, which has one rank and one scaling: as they are where they agree, in type as well; else padded
/// with zeros to the largest rank and to all their sites, in full precision, with the scaling multiplied in.
/// </summary>
internal sealed class StackLayout
{
    private readonly Dictionary<string, Shape> sites = new(StringComparer.Ordinal);
    private double? scaling;
    private long rank;
    private int count;

    /// <summary>Whether all diffs so far agree.</summary>
    public bool IsExact { get; private set; } = true;

    /// <summary>Takes a diff into account, which has to be done for all of them before the first is stacked.</summary>
    public void Add(PeftAdapter adapter)
    {
        foreach (var (site, factors) in adapter.Sites)
        {
            var shape = new Shape(factors.A.shape[1], factors.B.shape[0], factors.A.dtype, factors.B.dtype);
            IsExact &= (count == 0 || (sites.TryGetValue(site, out var known) && known == shape))
                && (scaling is null || scaling == factors.Scaling) && (rank == 0 || rank == factors.A.shape[0]);
            sites.TryAdd(site, shape);
            scaling ??= factors.Scaling;
            rank = Math.Max(rank, factors.A.shape[0]);
        }

        IsExact &= sites.Count == adapter.Sites.Count;
        count++;
    }

    /// <summary>Some of the diffs side by side.</summary>
    public DiffStack Stack(IReadOnlyList<PeftAdapter> adapters)
    {
        if (!IsExact)
        {
            return Padded(adapters);
        }

        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        return new DiffStack(
            sites.Keys.ToDictionary(
                site => site,
                site => new StackedFactors(stack(adapters.Select(adapter => adapter.Sites[site].A)), stack(adapters.Select(adapter => adapter.Sites[site].B))),
                StringComparer.Ordinal),
            scaling!.Value);
    }

    /// <summary>The same with padding, whether they agree or not.</summary>
    public DiffStack Padded(IReadOnlyList<PeftAdapter> adapters)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        return new DiffStack(sites.ToDictionary(site => site.Key, site => Padded(site.Key, site.Value, adapters), StringComparer.Ordinal), scaling: 1);
    }

    private StackedFactors Padded(string site, Shape shape, IReadOnlyList<PeftAdapter> adapters)
    {
        var (a, b) = (zeros(adapters.Count, rank, shape.In), zeros(adapters.Count, shape.Out, rank));
        for (var i = 0; i < adapters.Count; i++)
        {
            if (adapters[i].Sites.TryGetValue(site, out var factors))
            {
                a[i].slice(0, 0, factors.A.shape[0], 1).copy_(factors.A);
                b[i].slice(1, 0, factors.B.shape[1], 1).copy_(factors.B.to(ScalarType.Float32).Times(factors.Scaling));
            }
        }

        return new StackedFactors(a, b);
    }

    private sealed record Shape(long In, long Out, ScalarType AType, ScalarType BType);
}
