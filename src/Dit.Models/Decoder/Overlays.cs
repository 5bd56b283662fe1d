using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// What is added at which sites of a decoder, several things at once if need be: y = x Wᵀ + Σ overlay(x). It is immutable and
/// owns no tensor; a forward pass without it is the base model.
/// </summary>
public sealed class Overlays
{
    private readonly ImmutableDictionary<string, ImmutableArray<ISiteOverlay>> bySite;

    private Tuple<IReadOnlyDictionary<string, Site>, long>? checkedFor;

    private Overlays(ImmutableDictionary<string, ImmutableArray<ISiteOverlay>> bySite) => this.bySite = bySite;

    /// <summary>Nothing added anywhere.</summary>
    public static Overlays None { get; } = new(ImmutableDictionary.Create<string, ImmutableArray<ISiteOverlay>>(StringComparer.Ordinal));

    /// <summary>Names of the sites where something is added.</summary>
    public IEnumerable<string> SiteNames => bySite.Keys;

    /// <summary>These and, at each named site, one more.</summary>
    public Overlays With(IReadOnlyDictionary<string, ISiteOverlay> more)
    {
        ArgumentNullException.ThrowIfNull(more);
        var all = bySite.ToBuilder();
        foreach (var (site, overlay) in more)
        {
            all[site] = all.TryGetValue(site, out var present) ? present.Add(overlay) : [overlay];
        }

        return new Overlays(all.ToImmutable());
    }

    /// <summary>What is added at a site for x [B,T,in]: [B,T,out], or null where nothing is.</summary>
    public Tensor? Apply(string site, Tensor x)
    {
        Tensor? sum = null;
        if (bySite.TryGetValue(site, out var here))
        {
            foreach (var overlay in here)
            {
                sum = sum is null ? overlay.Apply(x) : overlay.AddTo(sum, x);
            }
        }

        return sum;
    }

    /// <summary>The same for a batch of only these rows (int64 [n]); the caller owns the tensors this makes.</summary>
    public Overlays SelectRows(Tensor rows) =>
        new(bySite.ToImmutableDictionary(site => site.Key, site => site.Value.Select(o => o.SelectRows(rows)).ToImmutableArray(), StringComparer.Ordinal));

    /// <summary>Whether it is the same for all rows of any batch.</summary>
    internal bool AreShared => bySite.Values.All(here => here.All(overlay => overlay.RowCount is null));

    /// <exception cref="DitException">Something has factors for another number of rows.</exception>
    internal void RequireRows(long rows)
    {
        foreach (var (name, here) in bySite)
        {
            foreach (var overlay in here)
            {
                if (overlay.RowCount is { } count && count != rows)
                {
                    throw new DitException($"{name}: expected factors for the {rows} rows of the batch, found them for {count}.");
                }
            }
        }
    }

    /// <summary>y [B,T,out] with what is added at a site for x [B,T,in]; it changes y itself.</summary>
    internal Tensor AddTo(string site, Tensor y, Tensor x)
    {
        if (bySite.TryGetValue(site, out var here))
        {
            foreach (var overlay in here)
            {
                y = overlay.AddTo(y, x);
            }
        }

        return y;
    }

    /// <exception cref="DitException">A site is not the model's, or something does not fit its site or the rows of the batch.</exception>
    internal void Check(IReadOnlyDictionary<string, Site> sites, long rows)
    {
        // Asking tensors for their shapes takes a noticeable part of a generated token's time.
        if (checkedFor is { } done && ReferenceEquals(done.Item1, sites) && done.Item2 == rows)
        {
            return;
        }

        foreach (var (name, here) in bySite)
        {
            if (!sites.TryGetValue(name, out var site))
            {
                throw new DitException($"{name}: expected a linear layer of the model, found none of this name.");
            }

            foreach (var overlay in here)
            {
                overlay.CheckFits(site);
            }
        }

        RequireRows(rows);
        checkedFor = Tuple.Create(sites, rows);
    }
}
