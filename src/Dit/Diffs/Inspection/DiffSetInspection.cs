namespace Dit.Diffs.Inspection;

/// <summary>All diffs of a set, one by one and on average.</summary>
public sealed record DiffSetInspection
{
    /// <summary>What a set is called where diffs are told apart.</summary>
    public const string Form = "diff set";

    /// <summary>The set's folder.</summary>
    public required string Source { get; init; }

    /// <summary>The base's name; null where it is not known.</summary>
    public string? Base { get; init; }

    /// <summary>The diffs in the order of the index.</summary>
    public required IReadOnlyList<(DiffRecord Record, DiffInspection Inspection)> Diffs { get; init; }

    /// <summary>A diff with the mean norm of all at every site; its findings are those of the set.</summary>
    public required DiffInspection Mean { get; init; }

    /// <summary>Inspects a set, a shard's worth of diffs in memory at a time.</summary>
    /// <exception cref="DitException">The set is empty or damaged.</exception>
    public static DiffSetInspection Of(DiffSet set, InspectionBase? model)
    {
        if (set.Records.Count == 0)
        {
            throw new DitException($"{set.FolderPath}: expected a diff set with at least one diff, found an empty one");
        }

        // A base's weights are measured once, not once a diff.
        var norms = model?.Sites.Keys.ToDictionary(site => site, site => model.Norm(site), StringComparer.Ordinal);
        var fingerprint = set.ReadBaseFingerprint();
        var found = new Dictionary<string, DiffInspection>(StringComparer.OrdinalIgnoreCase);
        foreach (var shard in set.Records.GroupBy(record => record.Shard))
        {
            DiffRecord[] records = [.. shard];
            using var stack = set.Load(records);
            for (var i = 0; i < records.Length; i++)
            {
                using var scope = TorchSharp.torch.NewDisposeScope();
                var one = DiffInspector.OfFactors($"{set.FolderPath}#{records[i].Id}", "diff of a set", stack.ToPeft(i, model?.Name ?? ""), model: null);
                found[records[i].Id] = one with
                {
                    Sites = [.. one.Sites.Select(site => site with { BaseNorm = norms?.GetValueOrDefault(site.Site) })],
                    BaseSites = model is null ? null : [.. model.Sites.Keys],
                };
            }
        }

        (DiffRecord, DiffInspection)[] diffs = [.. set.Records.Select(record => (record, found[record.Id]))];
        var card = new DiffCard { BaseFingerprint = fingerprint };
        return new DiffSetInspection { Source = set.FolderPath, Base = model?.Name, Diffs = diffs, Mean = MeanOf(set.FolderPath, diffs, card, model) };
    }

    private static DiffInspection MeanOf(string folder, (DiffRecord Record, DiffInspection Inspection)[] diffs, DiffCard card, InspectionBase? model)
    {
        var first = diffs[0].Inspection;
        var sites = first.Sites.Select((site, i) => site with { Norm = diffs.Average(diff => diff.Inspection.Sites[i].Norm), Spectrum = null, TopRowShare = 0, TopColumnShare = 0 }).ToArray();
        return new DiffInspection
        {
            Source = folder, Form = Form, Base = model?.Name, Sites = sites, BaseSites = first.BaseSites,
            Findings = [.. Oddities.Of(sites, model).Where(finding => finding.Level == FindingLevel.Odd || model is not null), .. Outliers(diffs), .. DiffInspector.OtherBase(card, model)],
        };
    }

    private static IEnumerable<Finding> Outliers((DiffRecord Record, DiffInspection Inspection)[] diffs)
    {
        const double times = 3;
        string[] unusable = [.. diffs.Where(diff => !diff.Inspection.IsUsable).Select(diff => diff.Record.Id)];
        if (unusable.Length > 0)
        {
            yield return new Finding(FindingLevel.Error, $"{unusable.Length} of {diffs.Length} diffs change nothing or hold numbers that are not finite: {Names.Few(unusable)}");
        }

        var median = Oddities.Median(diffs.Select(diff => diff.Inspection.Norm).Where(double.IsFinite));
        string[] far = [.. diffs.Where(diff => diff.Inspection.Norm > times * median || diff.Inspection.Norm < median / times).Select(diff => diff.Record.Id)];
        if (far.Length > 0 && unusable.Length == 0)
        {
            yield return new Finding(FindingLevel.Odd, $"{far.Length} of {diffs.Length} diffs are more than {times} times as large or as small as the median one: {Names.Few(far)}");
        }

        string[] gated = [.. diffs.Where(diff => diff.Record.PassesGate == false).Select(diff => diff.Record.Id)];
        if (gated.Length > 0)
        {
            yield return new Finding(FindingLevel.Odd, $"{gated.Length} of {diffs.Length} diffs do not pass the gate: {Names.Few(gated)}");
        }
    }
}
