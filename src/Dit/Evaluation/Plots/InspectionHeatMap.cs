using System.Globalization;
using Dit.Diffs.Inspection;

namespace Dit.Evaluation.Plots;

/// <summary>‖ΔW‖ of every linear layer of a decoder: a row for each kind, a column for each layer.</summary>
public static class InspectionHeatMap
{
    private const int LongestName = 40, LongestTitle = 100;

    /// <summary>The heat map of a diff; null where none of its sites belongs to a numbered layer.</summary>
    public static HeatMap? Of(DiffInspection inspection)
    {
        ArgumentNullException.ThrowIfNull(inspection);
        var (kinds, layers) = (inspection.Kinds, inspection.Layers);
        if (kinds.Count == 0)
        {
            return null;
        }

        var places = inspection.Sites.Where(site => site.Place.Layer is not null).GroupBy(site => (site.Place.Layer, site.Place.Kind))
            .ToDictionary(group => group.Key, group => Math.Sqrt(group.Sum(site => site.Norm * site.Norm)));
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(inspection.Source));
        return new HeatMap
        {
            Title = Printable.Line(name.Length > 0 ? name : inspection.Source, LongestTitle),
            Subtitle = $"{inspection.Form}{(inspection.Base is null ? "" : $" of {Printable.Line(inspection.Base, LongestTitle)}")}: what it changes, ‖ΔW‖ = {HeatMap.Short(inspection.Norm)} in all",
            ColumnTitle = "layer",
            ValueTitle = inspection.IsMean ? "mean ‖ΔW‖ (Frobenius)" : "‖ΔW‖ (Frobenius)",
            Rows = [.. kinds.Select(kind => Printable.Line(kind, LongestName))],
            Columns = [.. layers.Select(layer => layer.ToString(CultureInfo.InvariantCulture))],
            EmptyMeaning = "not changed",
            Value = (row, column) => places.TryGetValue((layers[column], kinds[row]), out var norm) && norm != 0 ? norm : null,
        };
    }
}
