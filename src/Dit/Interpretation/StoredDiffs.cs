using Dit.Diffs;
using Dit.Models.Checkpoints;
using Dit.Models.Checkpoints.Reference;

namespace Dit.Interpretation;

/// <summary>All low-rank diffs that a source names, one or many, with their files open.</summary>
public sealed class StoredDiffs : IDisposable
{
    private readonly Dictionary<string, WeightDiffFile> files = new(StringComparer.Ordinal);

    private (string Folder, int Number, DiffStack Diffs)? shard;

    private StoredDiffs()
    {
    }

    /// <summary>The diffs in the order of their source; at least one.</summary>
    public IReadOnlyList<StoredDiff> Diffs { get; private set; } = [];

    /// <summary>Finds the diffs of a source.</summary>
    /// <param name="source">What <see cref="Finetune.Load"/> takes, or a whole set, file or index of several diffs.</param>
    /// <exception cref="DitException">It is missing, damaged, or all weights of a finetuned model.</exception>
    public static StoredDiffs Open(string source)
    {
        var opened = new StoredDiffs();
        try
        {
            opened.Diffs = [.. opened.Find(source)];
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The diff of a source that names one.</summary>
    /// <exception cref="DitException">It names several.</exception>
    public StoredDiff Only(string source) => Diffs.Count == 1
        ? Diffs[0]
        : throw new DitException($"{source}: expected one diff, found {Diffs.Count}; name one of them, such as {string.Join(" or ", Diffs.Take(2).Select(diff => diff.Source))}");

    /// <inheritdoc />
    public void Dispose()
    {
        shard?.Diffs.Dispose();
        shard = null;
        foreach (var file in files.Values)
        {
            file.Dispose();
        }
    }

    private IEnumerable<StoredDiff> Find(string source)
    {
        var found = FinetuneSource.Find(source);
        switch (found.Kind)
        {
            case FinetuneKind.Adapter:
                return [OfAdapter(found.Folder)];
            case FinetuneKind.AdapterFolders:
                return FinetuneSource.Adapters(found.Folder).Select(OfAdapter);
            case FinetuneKind.DiffSet:
                var set = DiffSet.Open(found.Folder);
                var records = found.Id is null ? set.Records : [set.Find(found.Id)];
                return records.Count > 0 ? records.Select(record => OfSet(set, record)) : throw new DitException($"{source}: expected a diff set with at least one diff, found an empty one");
            case FinetuneKind.TorchFile:
                return found.Id is null
                    ? File(found.Folder).Items.Select(item => OfFile(new ReferenceDiff($"{found.Folder}#{item.Number}", found.Folder, item.Number, null)))
                    : [OfFile(ReferenceDiff.Of(source, found))];
            case FinetuneKind.ReferenceIndex:
                return found.Id is not null
                    ? [OfFile(ReferenceDiff.Of(source, found))]
                    : ReferenceIndex.Read(found.Folder).Select((row, line) => OfFile(new ReferenceDiff($"{found.Folder}#{line}", ReferenceIndex.FileOf(found.Folder, row), row.Number, row)));
            default:
                throw Whole(source);
        }
    }

    private static StoredDiff OfAdapter(string folder) => Of(DiffCard.Read(folder), new StoredDiff
    {
        Source = folder, Load = () => PeftAdapterFolder.Read(folder), Id = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
    });

    private static StoredDiff Of(DiffCard? card, StoredDiff diff) => diff with
    {
        Split = card?.Split, BaseFingerprint = card?.BaseFingerprint, Id = card?.Id ?? diff.Id, Setting = card?.Setting, Topic = card?.Topic, Trigger = card?.Trigger, TriggerFormat = card?.TriggerFormat,
    };

    private StoredDiff OfSet(DiffSet set, DiffRecord record) => Of(set.CardOf(record), new StoredDiff
    {
        Source = $"{set.FolderPath}#{record.Id}",
        Record = record,
        Load = () => FromShard(set, record),
    });

    /// <summary>A shard is read once for all its diffs, which are asked for one after the other; but where they differ in rank, each by itself, as it is.</summary>
    private PeftAdapter FromShard(DiffSet set, DiffRecord record)
    {
        var together = set.Records.Where(other => other.Shard == record.Shard).ToList();
        if (together.Exists(other => other.Rank != record.Rank))
        {
            using var one = set.Load([record]);
            return one.ToPeft(0, "");
        }

        if (shard is not { } open || open.Folder != set.FolderPath || open.Number != record.Shard)
        {
            shard?.Diffs.Dispose();
            shard = null;
            open = (set.FolderPath, record.Shard, set.Load(together));
            shard = open;
        }

        return open.Diffs.ToPeft(together.IndexOf(record), "");
    }

    private StoredDiff OfFile(ReferenceDiff diff)
    {
        var file = File(diff.Path);
        var item = diff.In(file);
        return item.IsWholeModel ? throw Whole(diff.Source) : new StoredDiff
        {
            Source = diff.Source, Id = diff.Row?.Id, Setting = diff.Row?.Setting, Topic = item.Topic, Trigger = item.Trigger, TriggerFormat = diff.Row?.TriggerFormat, Split = diff.Row?.Split,
            Load = () => file.LoadFactors(item),
        };
    }

    private WeightDiffFile File(string path)
    {
        if (!files.TryGetValue(path, out var file))
        {
            file = files[path] = WeightDiffFile.Open(path);
        }

        return file;
    }

    private static DitException Whole(string source) =>
        new($"{source}: expected low-rank factors, found all weights of a finetuned model; dit diff extract --rank R makes factors of a checkpoint, which dit diff merge makes of a .pt file");
}
