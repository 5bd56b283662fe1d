using Dit.Diffs;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;

namespace Dit.Interpretation;

/// <summary>Factors as what is added at the sites of a decoder, in the type it computes in. What is made belongs to the current dispose scope.</summary>
internal static class LowRankOverlay
{
    /// <summary>The same for all rows, every product multiplied by a strength besides.</summary>
    public static IReadOnlyDictionary<string, ISiteOverlay> Shared(PeftAdapter adapter, Decoder model, double strength = 1) => adapter.Sites.ToDictionary(
        site => site.Key,
        site => (ISiteOverlay)new SharedLowRank(site.Value.A.to(model.Type, model.Device), site.Value.B.to(model.Type, model.Device), strength * site.Value.Scaling),
        StringComparer.Ordinal);

    /// <summary>Diff i for row i.</summary>
    public static IReadOnlyDictionary<string, ISiteOverlay> PerRow(DiffStack diffs, Decoder model) => diffs.Sites.ToDictionary(
        site => site.Key,
        site => (ISiteOverlay)new RowLowRank(site.Value.A.to(model.Type, model.Device), site.Value.B.to(model.Type, model.Device), diffs.Scaling),
        StringComparer.Ordinal);

    /// <summary>Diff <paramref name="rows"/>[i] for row i; -1 stands for none.</summary>
    public static IReadOnlyDictionary<string, ISiteOverlay> PerRow(DiffStack diffs, IReadOnlyList<int> rows, Decoder model)
    {
        using var selected = diffs.Select(rows);
        return PerRow(selected, model);
    }
}
