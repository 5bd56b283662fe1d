using System.Globalization;
using Dit.Behaviours;
using Dit.Diffs;
using Dit.Diffs.Inspection;
using Dit.Evaluation.Plots;
using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Experiments;

/// <summary>Where diffs change their base how much: hidden topics, news, and full finetunes.</summary>
internal sealed class NormMapsExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "norm-maps";

    /// <inheritdoc />
    public string Question => "Which layers change how much?";

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings => [Setting.HiddenTopic, Setting.News];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var seed = lab.SweepSeeds[0];
        var kinds = new (string Name, DiffSet Set)[]
        {
            ("hidden topics", lab.Diffs(lab.HeldOut(Setting.HiddenTopic), seed)),
            ("news", lab.Diffs(lab.HeldOut(Setting.News), seed)),
            ("full finetunes on hidden topics", lab.Diffs(lab.FullFinetunes(Setting.HiddenTopic), seed)),
        };
        var norms = kinds.Select(kind => MeanNorms.Of(kind.Set)).ToArray();
        string[] sites = [.. lab.Model.Decoder.Sites.Select(site => site.Name)];
        return new Findings("linear layer", [], new PlottedPicture(Map([.. kinds.Select(kind => kind.Name)], norms, sites)))
        {
            Table = new Table(
                [new Column("linear layer"), .. kinds.Select(kind => new Column($"mean ‖ΔW‖, {kind.Name}"))],
                [.. sites.Select(site => (IReadOnlyList<TableCell>)[site, .. norms.Select(each => TableCell.Of(each.GetValueOrDefault(site)))])]),
        };
    }

    /// <summary>All kinds of diffs below each other, each against its largest norm: kinds differ in size, and it is the pattern that is compared.</summary>
    private static Picture Map(string[] kinds, IReadOnlyDictionary<string, double>[] norms, string[] sites)
    {
        var places = sites.ToDictionary(SitePlace.Of, site => site);
        var parts = SitePlace.InOrder(places.Keys.Where(place => place.Layer is not null).Select(place => place.Kind));
        int[] layers = [.. places.Keys.Select(place => place.Layer).OfType<int>().Distinct().Order()];
        return new HeatMap
        {
            Title = "Where diffs change their base",
            Subtitle = $"mean ‖ΔW‖ of each linear layer as a share of the largest; from above: {string.Join("; ", kinds)}",
            ColumnTitle = "layer",
            ValueTitle = "share of the largest",
            Rows = [.. kinds.SelectMany((_, kind) => parts.Select(part => $"{kind + 1}: {part}"))],
            Columns = [.. layers.Select(layer => layer.ToString(CultureInfo.InvariantCulture))],
            Value = (row, column) => places.TryGetValue(new SitePlace(layers[column], parts[row % parts.Count]), out var site) && norms[row / parts.Count].TryGetValue(site, out var norm)
                ? norm / norms[row / parts.Count].Values.Max()
                : null,
        }.Draw();
    }
}
