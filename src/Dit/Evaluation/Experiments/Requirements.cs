using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>What must be right before an experiment starts: it is better refused at once than after hours.</summary>
internal static class Requirements
{
    /// <summary>
    /// Training draws its diffs with seeds from <see cref="Laboratory.TrainingSeed"/> on, one more for every time that it has gone through all
    /// labels; held-out diffs of such a seed would have the same questions in the same order.
    /// </summary>
    private const ulong FirstHeldOutSeed = 100;

    public static void Check(Laboratory lab, IExperiment experiment, IBehaviourSource source)
    {
        if (lab.Seeds.Count == 0 || lab.Seeds.Any(seed => seed < FirstHeldOutSeed) || lab.Seeds.Distinct().Count() != lab.Seeds.Count)
        {
            throw new DitException($"seeds: expected different numbers of at least {FirstHeldOutSeed}, as smaller ones belong to training diffs, found {string.Join(", ", lab.Seeds)}");
        }

        foreach (var setting in experiment.Settings)
        {
            var labels = source.HeldOutLabels(setting);
            if (labels.Count < lab.Settings.Count)
            {
                throw new DitException(
                    $"{source.Description}: expected at least {lab.Settings.Count} held-out labels for {SettingNames.Of(setting)}, found {labels.Count}{(labels.Count == 0 ? "; name a file with --behaviours" : "")}");
            }

            CheckAdapter(lab, setting == Setting.News ? lab.Settings.Adapters.News : lab.Settings.Adapters.Topics, setting, labels);
            CheckAdapter(lab, experiment.Settings.Count > 1 ? lab.Settings.Adapters.Both : null, setting, labels);
        }
    }

    private static void CheckAdapter(Laboratory lab, string? folder, Setting setting, IReadOnlyList<string> labels)
    {
        if (folder is null)
        {
            return;
        }

        var card = HeldOut.RequireCard(folder, lab.Ready(folder).Card);
        if (card.BaseFingerprint != lab.Model.Fingerprint)
        {
            throw new DitException($"{folder}: expected an adapter of the base {lab.Model.Folder} (fingerprint {lab.Model.Fingerprint}), found one of another base (fingerprint {card.BaseFingerprint})");
        }

        if (setting == Setting.News)
        {
            HeldOut.RequireNews(folder, card, "report");
        }
        else
        {
            HeldOut.Require(folder, card, [.. labels.Take(lab.Settings.Count)]);
        }
    }
}
