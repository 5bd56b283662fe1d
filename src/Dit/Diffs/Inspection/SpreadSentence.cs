namespace Dit.Diffs.Inspection;

/// <summary>Tells in one sentence a focused edit from a broad one.</summary>
public static class SpreadSentence
{
    /// <summary>Such as <c>focused: 90 % of the change sits in 2 of 42 linear layers (down of layers 3–4)</c>; null where nothing is changed.</summary>
    public static string? Of(DiffInspection inspection)
    {
        if (inspection.Spread is not { } spread)
        {
            return null;
        }

        var changed = inspection.Sites.Where(site => !site.IsZero).OrderByDescending(site => site.Norm).ToArray();
        var most = changed[..Math.Min(spread.CountFor90, changed.Length)];
        var all = $"{spread.Places} linear layers";
        if (spread.IsFocused)
        {
            return $"focused: 90 % of the change sits in {spread.CountFor90} of {all} ({Where(most)})";
        }

        var narrow = Concentration(inspection, most);
        return spread.IsBroad
            ? $"broad: the change is spread over {changed.Length} of {all}, as much as if {spread.EffectiveCount:0} were changed alike{(narrow is null ? "" : $"; 90 % of it in {narrow}")}"
            : $"uneven: 90 % of the change sits in {spread.CountFor90} of {all}{(narrow is null ? "" : $", all of these in {narrow}")}";
    }

    private static string Where(SiteInspection[] sites)
    {
        const int fewGroups = 3;
        var groups = sites.Where(site => site.Place.Layer is not null).GroupBy(site => site.Place.Kind, StringComparer.Ordinal)
            .Select(group => $"{group.Key} of {LayersOf(group)}").ToArray();
        return groups.Length is > 0 and <= fewGroups && sites.All(site => site.Place.Layer is not null)
            ? string.Join("; ", groups)
            : Names.Few([.. sites.Select(site => site.Site)]);
    }

    /// <summary>The few layers or kinds that hold most of the change, where they are at most half of all.</summary>
    private static string? Concentration(DiffInspection inspection, SiteInspection[] most)
    {
        int[] layers = [.. most.Select(site => site.Place.Layer).OfType<int>().Distinct()];
        var kinds = SitePlace.InOrder(most.Select(site => site.Place.Kind));
        return layers.Length * 2 <= inspection.Layers.Count && layers.Length > 0 ? $"layer{(layers.Length == 1 ? "" : "s")} {SitePlace.Ranges(layers)}"
            : kinds.Count * 2 <= inspection.Kinds.Count ? string.Join(", ", kinds)
            : null;
    }

    private static string LayersOf(IEnumerable<SiteInspection> sites)
    {
        int[] layers = [.. sites.Select(site => site.Place.Layer!.Value)];
        return $"layer{(layers.Length == 1 ? "" : "s")} {SitePlace.Ranges(layers)}";
    }
}
