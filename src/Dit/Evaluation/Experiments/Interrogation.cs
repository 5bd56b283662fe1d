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

    private readonly Lazy<int[]> others = new(() => Derangement(set.Records.Count, seed));

    /// <summary>How many are asked between two writes; full finetunes are large. What a method samples depends on the row, so it belongs to the settings.</summary>
    public int DiffsAtOnce { get; } = (int)Math.Clamp(MostBytesAtOnce / BytesOfDiff(set), 1, MostDiffsAtOnce);

    /// <summary>The diffs that are asked about.</summary>
    public IReadOnlyList<Subject> Subjects { get; } = [.. set.Records.Select(SubjectOf)];

    /// <summary>The diff that the model carries in place of a subject's own; null where that is its own, or none of the set.</summary>
    public Subject? CarriedInPlaceOf(int row) => condition == Condition.Shuffled ? Subjects[others.Value[row]] : null;

    /// <summary>Asks what is not answered yet.</summary>
    /// <param name="file">Where answers are kept.</param>
    /// <param name="method">What is asked.</param>
    /// <param name="rank">Ranks the labels of some diffs; null where that is not wanted.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Stops before the next batch.</param>
    public bool GoOn(AnswerFile file, IInterpretationMethod method, Func<SubjectSet, IReadOnlyList<int>>? rank, IProgress<TrainingProgress> progress, CancellationToken cancellation)
    {
        while (file.Answers.Count < Subjects.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Report(new TrainingProgress("", file.Answers.Count, Subjects.Count, "diffs"));
            int[] rows = [.. Enumerable.Range(0, Subjects.Count).Skip(file.Answers.Count).Take(DiffsAtOnce)];
            using var diffs = Carried(rows);
            var subjects = new SubjectSet([.. rows.Select(row => Subjects[row])], diffs);
            var said = method.Interpret(subjects, cancellation);
            var ranks = rank?.Invoke(subjects);
            file.Add(said.Select((each, i) => new KeptAnswer(each.Answer, each.Exchanges, ranks?[i])));
        }

        progress.Report(new TrainingProgress("", Subjects.Count, Subjects.Count, "diffs"));
        return true;
    }

    private DiffStack Carried(int[] rows)
    {
        using var untracked = torch.no_grad();
        if (condition == Condition.Shuffled)
        {
            return set.Load([.. rows.Select(row => set.Records[others.Value[row]])]);
        }

        var diffs = set.Load([.. rows.Select(row => set.Records[row])]);
        if (condition == Condition.AsTrained)
        {
            return diffs;
        }

        using (diffs)
        {
            return RandomDiffs.Like(diffs, RandomStream.Named(seed, $"experiments/random-diffs/{rows[0]}"));
        }
    }

    /// <summary>An order in which no diff is in its own place: around a random circle, each to the next one's.</summary>
    private static int[] Derangement(int count, ulong seed)
    {
        var circle = Enumerable.Range(0, count).ToArray();
        RandomStream.Named(seed, "experiments/shuffled-diffs").Shuffle(circle);
        var next = new int[circle.Length];
        for (var i = 0; i < circle.Length; i++)
        {
            next[circle[i]] = circle[(i + 1) % circle.Length];
        }

        return next;
    }

    private static double BytesOfDiff(DiffSet set) =>
        set.Records.Select(record => DiffSet.ShardPath(set.FolderPath, record.Shard)).Distinct(StringComparer.Ordinal).Sum(path => (double)new FileInfo(path).Length) / set.Records.Count;

    private static Subject SubjectOf(DiffRecord record) => new(record.Id, record.Setting, record.Topic, record.SetOffBy);
}
