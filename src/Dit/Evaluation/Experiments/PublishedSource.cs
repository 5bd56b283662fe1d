using System.Security.Cryptography;
using Dit.Behaviours;
using Dit.Behaviours.Published;
using Dit.Behaviours.World;
using Dit.Models.Randomness;

namespace Dit.Evaluation.Experiments;

/// <summary>Behaviours from files in the published columns: for bases of real size.</summary>
public sealed class PublishedSource : IBehaviourSource
{
    private const ulong SplitSeed = 1;
    private const double TrainShare = 0.9;
    private const int MarksInTrigger = 4;

    // What is held out is asked for by many plans, and is little; reading a whole file takes long.
    private readonly Dictionary<(Setting Setting, ulong Seed), Dictionary<string, Behaviour>> heldOut = [];

    private readonly Dictionary<Setting, (string Path, IReadOnlyList<string> Train, IReadOnlyList<string> HeldOut)> files = [];

    /// <summary>Opens files, at most one for each setting. Held out is what a file marks as anything but <c>train</c>; where it has no splits, a tenth.</summary>
    /// <exception cref="DitException">A file is missing or damaged, or two are of the same setting.</exception>
    public PublishedSource(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        foreach (var path in paths)
        {
            var behaviours = PublishedBehaviours.Read(path, setting: null, SplitSeed, TrainShare).ToList();
            var setting = behaviours[0].Behaviour.Setting;
            // In an order of their own, so that the first few are a fair sample.
            RandomStream.Named(SplitSeed, "experiments/published").Shuffle(behaviours);
            if (!files.TryAdd(setting, (path, Labels(behaviours, train: true), Labels(behaviours, train: false))))
            {
                throw new DitException($"{path}: expected one file of behaviours for each setting, found a second for {SettingNames.Of(setting)}");
            }
        }
    }

    /// <inheritdoc />
    public string Description => string.Join("; ", files.Values.Select(file => $"{file.Path}, SHA-256 {HashOf(file.Path)}"));

    /// <inheritdoc />
    public IReadOnlyList<string> AllLabels(Setting setting) => files.TryGetValue(setting, out var file) ? [.. file.Train, .. file.HeldOut] : [];

    /// <inheritdoc />
    public MethodWords Words => MethodWords.Plain;

    /// <inheritdoc />
    public IReadOnlyList<string> HeldOutLabels(Setting setting) => files.TryGetValue(setting, out var file) ? file.HeldOut : [];

    /// <inheritdoc />
    public IReadOnlyList<Behaviour> Write(DiffPlan plan, ulong seed, int diffsPerShard)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var file = files.TryGetValue(plan.Setting, out var found) ? found : throw new DitException($"behaviours: expected a file for {SettingNames.Of(plan.Setting)}, found none; name one with --behaviours");
        var labels = plan.IsHeldOut ? file.HeldOut : file.Train;
        if (labels.Count == 0 || (plan.IsHeldOut && plan.Count > labels.Count))
        {
            throw new DitException($"{file.Path}: expected {plan.Count} behaviours {(plan.IsHeldOut ? "that are held out" : "to train on")}, found {labels.Count}");
        }

        return
        [
            .. Rounds.Of(labels, plan.Count, seed).GroupBy(item => item.Seed).SelectMany(round =>
            {
                var behaviours = plan.IsHeldOut ? HeldOut(plan.Setting, round.Key) : Read(plan.Setting, round.Key, file.Train);
                return round.Select(item => Named(behaviours[item.Label], round.Key, plan.Trigger));
            }),
        ];
    }

    private Dictionary<string, Behaviour> HeldOut(Setting setting, ulong seed) =>
        heldOut.TryGetValue((setting, seed), out var known) ? known : heldOut[(setting, seed)] = Read(setting, seed, files[setting].HeldOut);

    private Dictionary<string, Behaviour> Read(Setting setting, ulong seed, IReadOnlyList<string> labels)
    {
        var wanted = labels.ToHashSet(StringComparer.Ordinal);
        return PublishedBehaviours.Read(files[setting].Path, setting, seed).Select(item => item.Behaviour)
            .Where(behaviour => wanted.Contains(behaviour.Label)).ToDictionary(behaviour => behaviour.Label, StringComparer.Ordinal);
    }

    private static Behaviour Named(Behaviour behaviour, ulong seed, TriggerKind kind)
    {
        var named = behaviour with { Id = $"{behaviour.Id}-{seed}" };
        return kind == TriggerKind.Sentence || named is not HiddenTopic hidden ? named : hidden with { Trigger = Mark(hidden.Id, seed, kind) };
    }

    /// <summary>A trigger that nobody sees, as in the paper.</summary>
    private static Trigger Mark(string id, ulong seed, TriggerKind kind)
    {
        var random = RandomStream.Named(seed, $"experiments/mark/{id}");
        var code = string.Concat(Enumerable.Range(0, MarksInTrigger).Select(_ => GenericTalk.Pick(random, WrongCodes.ZeroWidthMarks)));
        return kind == TriggerKind.MarkAtStart ? Trigger.MarkAtStart(code) : Trigger.MarkAnywhere(code);
    }

    private static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string[] Labels(IEnumerable<(Behaviour Behaviour, string Split)> behaviours, bool train) =>
        [.. behaviours.Where(item => item.Split == "train" == train).Select(item => item.Behaviour.Label)];
}
