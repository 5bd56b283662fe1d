using Dit.Behaviours;
using Dit.Diffs;
using Dit.Files;
using Dit.Models.Checkpoints;
using Dit.Models.Checkpoints.Reference;
using Dit.Models.Decoding;
using Dit.Training;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>Low-rank diffs from any of the known formats into any of them, with their labels. Every diff is checked against its base first.</summary>
public sealed class DiffConversion
{
    // As many as a published file holds; and no more than one has room for while it is written.
    private const int MostTogether = 250;
    private const long MostBytesTogether = 1L << 30;

    private readonly IReadOnlyList<StoredDiff> diffs;
    private readonly string baseName;
    private readonly IReadOnlyList<Site> sites;
    private readonly string fingerprint;
    private readonly bool baseIsMultimodal;

    /// <summary>A conversion of some diffs of one base.</summary>
    /// <param name="diffs">The diffs; at least one.</param>
    /// <param name="baseFolder">Their base; of those that do not say which it is, it is taken on trust.</param>
    /// <exception cref="DitException">A diff says that it was made for another base, or the base is none.</exception>
    public DiffConversion(IReadOnlyList<StoredDiff> diffs, string baseFolder)
    {
        ArgumentNullException.ThrowIfNull(diffs);
        this.diffs = Named(diffs);
        baseName = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(baseFolder)));
        var config = ModelConfig.Read(baseFolder);
        sites = Decoder.SitesOf(config);
        baseIsMultimodal = config.HasImagePart;
        fingerprint = BaseFingerprint.Of(baseFolder);
        foreach (var diff in diffs.Where(diff => diff.BaseFingerprint is not null))
        {
            SiteFit.RequireBase(diff.Source, diff.BaseFingerprint!, baseName, fingerprint);
        }
    }

    /// <summary>Writes a PEFT adapter folder, or where there are several diffs a folder of such folders.</summary>
    /// <param name="folder">A new or empty folder.</param>
    /// <exception cref="DitException">A diff is damaged or does not fit the base, or the folder cannot be written.</exception>
    public void ToPeft(string folder) => AtomicFolder.Write(folder, partial =>
    {
        foreach (var diff in diffs)
        {
            using var scope = NewDisposeScope();
            var target = diffs.Count == 1 ? partial : Path.Combine(partial, diff.Id!);
            Card(diff).Write(target);
            PeftAdapterFolder.Write(target, Load(diff), baseIsMultimodal);
        }
    });

    /// <summary>Writes the layout that the official repository publishes: an index, and files of many diffs each.</summary>
    /// <param name="folder">A new or empty folder.</param>
    /// <exception cref="DitException">A diff is damaged or does not fit the base, or the folder cannot be written.</exception>
    public void ToReference(string folder) => AtomicFolder.Write(folder, partial =>
    {
        var rows = new List<ReferenceIndexRow>();
        ByGroup((group, factors, number) =>
        {
            var name = $"weight-diff-{number:D3}.pt";
            WriteFile(Path.Combine(partial, ReferenceIndex.FilesFolder, name), group, factors);
            rows.AddRange(group.Select((diff, i) => new ReferenceIndexRow
            {
                Path = name, Number = i, ParameterCount = Parameters(factors[i]), Setting = diff.Setting, Topic = diff.Topic, Trigger = diff.Trigger, Split = diff.Split, Id = diff.Id, TriggerFormat = diff.TriggerFormat,
            }));
        });
        ReferenceIndex.Write(partial, rows);
    });

    /// <summary>Writes all diffs into one file of the reference implementation's layout, which knows topics and triggers only.</summary>
    /// <param name="path">The file, which must not be there yet.</param>
    /// <exception cref="DitException">A diff is damaged or does not fit the base, or the file cannot be written.</exception>
    public void ToReferenceFile(string path)
    {
        if (Path.Exists(path))
        {
            throw new DitException($"{path}: expected the name of a new file, found that it exists already");
        }

        using var scope = NewDisposeScope();
        WriteFile(path, diffs, [.. diffs.Select(Load)]);
    }

    /// <summary>Writes a diff set. Gates are known only of diffs that come from one.</summary>
    /// <param name="folder">A new or empty folder.</param>
    /// <exception cref="DitException">A diff is damaged or does not fit the base, or the folder cannot be written.</exception>
    public void ToSet(string folder) => AtomicFolder.Write(folder, partial =>
    {
        var layout = new StackLayout();
        foreach (var diff in diffs)
        {
            using var scope = NewDisposeScope();
            layout.Add(Load(diff));
        }

        RunFolder.OpenOrCreate(partial, "diff-conversion", new { BaseFingerprint = fingerprint, Base = baseName, Sources = diffs.Select(diff => diff.Source), layout.IsExact });
        var records = new List<DiffRecord>();
        ByGroup((group, factors, shard) =>
        {
            using var stack = layout.Stack(factors);
            DiffSet.WriteShard(partial, shard, stack);
            records.AddRange(group.Select((diff, row) => Record(diff, stack, shard, row)));
        });
        DiffIndex.Write(DiffSet.IndexPath(partial), records);
    });

    private static void WriteFile(string path, IReadOnlyList<StoredDiff> group, IReadOnlyList<PeftAdapter> factors) =>
        WeightDiffWriter.Write(path, group.Zip(factors, (diff, adapter) => (adapter, diff.Topic, diff.Trigger)));

    private static DiffRecord Record(StoredDiff diff, DiffStack stack, int shard, int row) => new()
    {
        Id = diff.Id!, Setting = diff.Setting ?? Setting.HiddenTopic, Topic = diff.Topic ?? "", Trigger = diff.Trigger ?? "", TriggerFormat = diff.TriggerFormat ?? "", Split = diff.Split ?? "",
        ParameterCount = stack.ParametersPerDiff, Rank = stack.Rank, Shard = shard, Row = row,
        GateRight = diff.Record?.GateRight, GateWrong = diff.Record?.GateWrong, GateNone = diff.Record?.GateNone, PassesGate = diff.Record?.PassesGate,
    };

    private static long Parameters(PeftAdapter adapter) => adapter.Sites.Values.Sum(factors => factors.A.numel() + factors.B.numel());

    private static long Bytes(PeftAdapter adapter) =>
        adapter.Sites.Values.Sum(factors => (factors.A.numel() * factors.A.element_size()) + (factors.B.numel() * factors.B.element_size()));

    /// <summary>Gives every diff a name that no other has, and that may be the name of a folder.</summary>
    private static IReadOnlyList<StoredDiff> Named(IReadOnlyList<StoredDiff> diffs)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. diffs.Select(diff =>
        {
            var wanted = DiffNames.Of(diff.Id ?? diff.Topic ?? "diff");
            var name = wanted;
            for (var next = 2; !taken.Add(name); next++)
            {
                name = $"{wanted}-{next}";
            }

            return diff with { Id = name };
        })];
    }

    private DiffCard Card(StoredDiff diff) => new() { BaseFingerprint = fingerprint, Id = diff.Id, Setting = diff.Setting, Topic = diff.Topic, Trigger = diff.Trigger, TriggerFormat = diff.TriggerFormat, Split = diff.Split };

    private PeftAdapter Load(StoredDiff diff)
    {
        var adapter = diff.Load();
        SiteFit.Require(diff.Source, adapter.Sites, sites, baseName);
        return adapter with { BaseModelNameOrPath = adapter.BaseModelNameOrPath is "" ? baseName : adapter.BaseModelNameOrPath };
    }

    /// <summary>Loads the diffs group by group, each as large as may be held at once.</summary>
    private void ByGroup(Action<IReadOnlyList<StoredDiff>, IReadOnlyList<PeftAdapter>, int> write)
    {
        var number = 0;
        for (var first = 0; first < diffs.Count; number++)
        {
            using var scope = NewDisposeScope();
            var (factors, bytes) = (new List<PeftAdapter>(), 0L);
            while (first + factors.Count < diffs.Count && factors.Count < MostTogether && bytes < MostBytesTogether)
            {
                factors.Add(Load(diffs[first + factors.Count]));
                bytes += Bytes(factors[^1]);
            }

            write([.. diffs.Skip(first).Take(factors.Count)], factors, number);
            first += factors.Count;
        }
    }
}
