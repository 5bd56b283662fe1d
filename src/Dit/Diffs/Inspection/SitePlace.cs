using System.Globalization;
using System.Text.RegularExpressions;

namespace Dit.Diffs.Inspection;

/// <summary>Where a site is: in which layer, and which of the layer's linear parts it is.</summary>
/// <param name="Layer">The layer's number; null where the name has none.</param>
/// <param name="Kind">The part in short: q, k, v, o, gate, up, down; other parts by the last piece of their name.</param>
public sealed partial record SitePlace(int? Layer, string Kind)
{
    private static readonly string[] s_order = ["q", "k", "v", "o", "gate", "up", "down"];

    /// <summary>The kinds that every decoder layer has, in the order of the computation.</summary>
    public static IReadOnlyList<string> Kinds => s_order;

    /// <summary>The place that a site's name gives.</summary>
    public static SitePlace Of(string site)
    {
        var last = site[(site.LastIndexOf('.') + 1)..];
        var kind = last.EndsWith("_proj", StringComparison.Ordinal) && last.Length > 5 ? last[..^5] : last;
        var number = LayerNumber().Match(site);
        return new SitePlace(number.Success && int.TryParse(number.Groups["n"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : null, kind);
    }

    /// <summary>Kinds in the usual order, those that are not usual behind them.</summary>
    public static IReadOnlyList<string> InOrder(IEnumerable<string> kinds) =>
        [.. kinds.Distinct(StringComparer.Ordinal).OrderBy(kind => Array.IndexOf(s_order, kind) is var place and >= 0 ? place : s_order.Length).ThenBy(kind => kind, StringComparer.Ordinal)];

    /// <summary>Numbers as people write them: <c>0–3, 7</c>.</summary>
    public static string Ranges(IEnumerable<int> layers)
    {
        var parts = new List<(int First, int Last)>();
        foreach (var layer in layers.Distinct().Order())
        {
            if (parts.Count > 0 && parts[^1].Last == layer - 1)
            {
                parts[^1] = (parts[^1].First, layer);
            }
            else
            {
                parts.Add((layer, layer));
            }
        }

        return string.Join(", ", parts.Select(part => part.First == part.Last ? $"{part.First}" : $"{part.First}–{part.Last}"));
    }

    [GeneratedRegex(@"\.layers\.(?<n>[0-9]+)\.", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LayerNumber();
}
