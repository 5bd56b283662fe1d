using System.Globalization;
using Dit.Diffs.Inspection;
using Dit.Evaluation.Plots;

namespace Dit.Audit;

/// <summary>‖ΔW‖ of every linear layer: a row for each kind, a column for each layer.</summary>
public static class AuditHeatMap
{
    private const int LongestName = 40;

    /// <summary>The norm map; null where no linear layer belongs to a numbered layer.</summary>
    public static HeatMap? Of(AuditedDiff diff)
    {
        ArgumentNullException.ThrowIfNull(diff);
        var changed = diff.Sites.Select(site => (Place: SitePlace.Of(site.Site), site.Norm)).Where(site => site.Place.Layer is not null).ToArray();
        SitePlace[] places = [.. changed.Select(site => site.Place), .. diff.BaseSites.Select(SitePlace.Of).Where(place => place.Layer is not null)];
        if (places.Length == 0)
        {
            return null;
        }

        int[] layers = [.. places.Select(place => place.Layer!.Value).Distinct().Order()];
        var kinds = SitePlace.InOrder(places.Select(place => place.Kind));
        var norms = changed.GroupBy(site => site.Place).ToDictionary(group => group.Key, group => Math.Sqrt(group.Sum(site => site.Norm * site.Norm)));
        return new HeatMap
        {
            Title = "Where the change is",
            ColumnTitle = "layer",
            ValueTitle = "‖ΔW‖ (Frobenius)",
            Rows = [.. kinds.Select(kind => Printable.Line(kind, LongestName))],
            Columns = [.. layers.Select(layer => layer.ToString(CultureInfo.InvariantCulture))],
            EmptyMeaning = "not changed",
            Value = (row, column) => norms.TryGetValue(new SitePlace(layers[column], kinds[row]), out var norm) && norm != 0 ? norm : null,
        };
    }
}
