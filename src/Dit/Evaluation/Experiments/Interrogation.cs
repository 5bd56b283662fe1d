using Dit.Behaviours;
using Dit.Diffs;
using Dit.Evaluation.Methods;
using Dit.Models.Randomness;
using Dit.Training;
using TorchSharp;

namespace Dit.Evaluation.Experiments;

/// <summary>Puts the diffs of a set to a method, batch by batch, so that a stopped process goes on behind the last finished one.</summary>
/// <param name="set">The diffs.</param>
/// <param name="seed">Where random diffs and the order of shuffled ones come from.</param>
/// <param name="condition">What the model carries in their place.</param>
internal sealed class Interrogation(DiffSet set, ulong seed, Condition condition)
{
    private const int MostDiffsAtOnce = 50;
    private const double MostBytesAtOnce = 4e8;

    /// <summary>How many are asked between two writes; full finetunes are large. What a method samples depends on the row, so it belongs to the settings.</summary>
    public int DiffsAtOnce { get; } = (int)Math.Clamp(MostBytesAtOnce / BytesOfDiff(set), 1, MostDiffsAtOnce);

    /// <summary>The diffs that are asked about.</summary>
    public IReadOnlyList<Subject> Subjects { get; } = [.. set.Records.Select(SubjectOf)];

    /// <summary>Asks what is not answered yet.</summary>
    public bool GoOn(AnswerFile file, IInterpretationMethod method, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        while (file.Answers.Count < Subjects.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Report(new TrainingProgress("", file.Answers.Count, Subjects.Count, "diffs"));
            int[] rows = [.. Enumerable.Range(0, Subjects.Count).Skip(file.Answers.Count).Take(DiffsAtOnce)];
            using var diffs = Carried(rows);
            file.Add(method.Interpret(new SubjectSet([.. rows.Select(row => Subjects[row])], diffs), cancellation));
        }

        progress.Report(new TrainingProgress("", Subjects.Count, Subjects.Count, "diffs"));
        return true;
    }

    private DiffStack Carried(int[] rows)
    {
        using var untracked = torch.no_grad();
        if (condition == Condition.Shuffled)
        {
            var others = Derangement();
            return set.Load([.. rows.Select(row => set.Records[others[row]])]);
        }

        var diffs = set.Load([.. rows.Select(row => set.Records[row])]);
        if (condition == Condition.AsTrained)
        {
            return diffs;
        }

        using (diffs)
        {
            return condition == Condition.BareBase
                ? diffs.Select([.. rows.Select(_ => -1)])
                : RandomDiffs.Like(diffs, RandomStream.Named(seed, $"experiments/random-diffs/{rows[0]}"));
        }
    }

    /// <summary>An order in which no diff is in its own place: around a random circle, each to the next one's.</summary>
    private int[] Derangement()
    {
        var circle = Enumerable.Range(0, Subjects.Count).ToArray();
        RandomStream.Named(seed, "experiments/shuffled-diffs").Shuffle(circle);
        var others = new int[circle.Length];
        for (var i = 0; i < circle.Length; i++)
        {
            others[circle[i]] = circle[(i + 1) % circle.Length];
        }

        return others;
    }

    private static double BytesOfDiff(DiffSet set) =>
        set.Records.Select(record => DiffSet.ShardPath(set.FolderPath, record.Shard)).Distinct(StringComparer.Ordinal).Sum(path => (double)new FileInfo(path).Length) / set.Records.Count;

    private static Subject SubjectOf(DiffRecord record) => new(record.Id, record.Setting, record.Topic, record.SetOffBy);
}
