using System.Text.Json;
using Dit.Diffs;

namespace Dit.Training;

/// <summary>A shard that a process is training, or was training when it was killed.</summary>
/// <param name="Shard">Which.</param>
/// <param name="Progress">What that process said last.</param>
public sealed record ShardInWork(int Shard, WorkProgress Progress);

/// <summary>How far a run is, read from its folder alone while others write to it.</summary>
public sealed record RunStatus
{
    /// <summary>The run's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>What is run, such as <c>diff-training</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether its result is there.</summary>
    public bool IsFinished { get; init; }

    /// <summary>What is counted: diffs or steps.</summary>
    public required string Unit { get; init; }

    /// <summary>How many of these are done.</summary>
    public long Done { get; init; }

    /// <summary>How many there are to be; null where the run does not say.</summary>
    public long? Total { get; init; }

    /// <summary>Of a diff set the mean of the finished shards' last losses, else that of the latest steps; null where there is none yet.</summary>
    public double? Loss { get; init; }

    /// <summary>Units a second of those that are at work now; 0 where nobody is or it is not yet known.</summary>
    public double PerSecond { get; init; }

    /// <summary>What the process at work said last, where the run is no diff set.</summary>
    public WorkProgress? Working { get; init; }

    /// <summary>How many shards a diff set has; null where the run does not say.</summary>
    public int? Shards { get; init; }

    /// <summary>How many of them are finished.</summary>
    public int FinishedShards { get; init; }

    /// <summary>Those in work.</summary>
    public IReadOnlyList<ShardInWork> ShardsInWork { get; init; } = [];

    /// <summary>Those that are neither finished nor in work.</summary>
    public IReadOnlyList<int> MissingShards { get; init; } = [];

    /// <summary>Whether nothing has been heard of some work for so long that it has probably ended.</summary>
    public static bool IsSilent(WorkProgress progress, DateTimeOffset now) =>
        now - progress.Updated > TimeSpan.FromSeconds(Math.Max(60, progress.StepsPerSecond > 0 ? 10 / progress.StepsPerSecond : 600));

    /// <summary>Looks at a run.</summary>
    /// <exception cref="DitException">The folder holds no run, or a damaged one.</exception>
    public static RunStatus Read(string folder)
    {
        var run = RunFolder.Description(folder);
        var (kind, work, settings) = (run.GetProperty("kind").ToString(), Member(run, "work"), run.GetProperty("settings"));
        return kind switch
        {
            DiffTrainingRun.Kind => OfDiffs(folder, Number(work, "shards"), Number(work, "diffsPerShard"), Member(settings, "Behaviours") is { ValueKind: JsonValueKind.Array } all ? all.GetArrayLength() : null),
            AdapterTrainingRun.Kind => OfSteps(folder, kind, Number(work, "steps"), DitAdapter.IsAt(Path.Combine(folder, "adapter"))),
            _ => OfSteps(folder, kind, Number(settings, "Steps"), isFinished: null),
        };
    }

    /// <summary>Which of so many parts of the work on a diff set have something left to do.</summary>
    public static IReadOnlyList<int> UnfinishedParts(string folder, int shards, int parts)
    {
        var finished = DiffSet.FinishedShards(folder);
        int[] unfinished = [.. Enumerable.Range(0, shards).Where(shard => !finished.Contains(shard)).Select(shard => shard % parts).Distinct().Order()];
        return unfinished.Length == 0 && !File.Exists(DiffSet.IndexPath(folder)) ? [0] : unfinished;
    }

    private static RunStatus OfDiffs(string folder, int? shards, int? diffsPerShard, int? diffs)
    {
        var now = DateTimeOffset.UtcNow;
        var finished = DiffSet.FinishedShards(folder);
        var metrics = ShardMetrics.Read(folder).Where(line => finished.Contains(line.Key)).ToDictionary(line => line.Key, line => JsonSerializer.Deserialize<JsonElement>(line.Value));
        ShardInWork[] working =
        [
            .. Directory.GetFiles(folder, "progress-*.json").Order(StringComparer.Ordinal)
                .Select(file => (Shard: int.TryParse(Path.GetFileNameWithoutExtension(file)["progress-".Length..], out var shard) ? shard : -1, Progress: ProgressFile.Read(file)))
                .Where(entry => entry.Shard >= 0 && entry.Progress is not null && !finished.Contains(entry.Shard))
                .Select(entry => new ShardInWork(entry.Shard, entry.Progress!)),
        ];
        var losses = metrics.Values.Select(line => line.TryGetProperty("loss", out var loss) && loss.ValueKind == JsonValueKind.Number ? loss.GetDouble() : double.NaN).Where(double.IsFinite).ToArray();
        return new RunStatus
        {
            Folder = folder,
            Kind = DiffTrainingRun.Kind,
            IsFinished = File.Exists(DiffSet.IndexPath(folder)) && finished.Count >= (shards ?? 0),
            Unit = "diffs",
            Done = finished.Sum(shard => (long)(metrics.TryGetValue(shard, out var line) && Number(line, "diffs") is { } own ? own : DiffIndex.Read(DiffSet.ShardIndexPath(folder, shard)).Count)),
            Total = diffs,
            Loss = losses.Length > 0 ? losses.Average() : null,
            PerSecond = working.Where(entry => !IsSilent(entry.Progress, now)).Sum(entry => entry.Progress.StepsPerSecond / entry.Progress.Total * DiffsOf(entry.Shard)),
            Shards = shards,
            FinishedShards = finished.Count,
            ShardsInWork = working,
            MissingShards = [.. Enumerable.Range(0, shards ?? 0).Where(shard => !finished.Contains(shard) && !working.Any(entry => entry.Shard == shard))],
        };

        int DiffsOf(int shard) => Math.Clamp((diffs ?? 0) - (shard * (diffsPerShard ?? 0)), 0, diffsPerShard ?? 0);
    }

    private static RunStatus OfSteps(string folder, string kind, int? total, bool? isFinished)
    {
        const int latest = 20;
        var metrics = Path.Combine(folder, RunFolder.MetricsName);
        var (steps, losses) = (0L, new Queue<double>());
        foreach (var line in File.Exists(metrics) ? File.ReadLines(metrics) : [])
        {
            if (LossOf(line) is { } loss)
            {
                steps++;
                losses.Enqueue(loss);
                if (losses.Count > latest)
                {
                    losses.Dequeue();
                }
            }
        }

        var working = ProgressFile.Read(Path.Combine(folder, AdapterTrainingRun.ProgressName));
        return new RunStatus
        {
            Folder = folder,
            Kind = kind,
            IsFinished = isFinished ?? (total is not null && steps >= total),
            Unit = "steps",
            Done = steps,
            Total = total,
            Loss = losses.Count > 0 ? losses.Average() : null,
            Working = working,
            PerSecond = working is not null && !IsSilent(working, DateTimeOffset.UtcNow) ? working.StepsPerSecond : 0,
        };
    }

    /// <summary>Null where a line is not whole: its process is just writing it.</summary>
    private static double? LossOf(string line)
    {
        try
        {
            var loss = JsonSerializer.Deserialize<JsonElement>(line) is { ValueKind: JsonValueKind.Object } entry ? Member(entry, "loss") : default;
            return loss.ValueKind == JsonValueKind.Number ? loss.GetDouble() : double.NaN;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    private static int? Number(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } member && member.TryGetInt32(out var number) ? number : null;
}
