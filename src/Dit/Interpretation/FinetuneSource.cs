using Dit.Diffs;

namespace Dit.Interpretation;

/// <summary>What a folder holds.</summary>
internal enum FinetuneKind
{
    /// <summary>A PEFT adapter.</summary>
    Adapter,

    /// <summary>A diff set.</summary>
    DiffSet,

    /// <summary>All weights of a finetuned model.</summary>
    Checkpoint,
}

/// <summary>A folder, what it holds judging by the names of its files, and which diff of a set is meant.</summary>
internal sealed record FinetuneSource(string Folder, string? Id, FinetuneKind Kind)
{
    /// <summary>Looks at what a user has named.</summary>
    /// <exception cref="DitException">There is no such folder, or no finetune in it.</exception>
    public static FinetuneSource Find(string source)
    {
        // A folder may itself have a # in its name.
        var mark = Directory.Exists(source) ? -1 : source.LastIndexOf('#');
        var (folder, id) = mark < 0 ? (source, null) : (source[..mark], source[(mark + 1)..]);
        if (!Directory.Exists(folder))
        {
            throw new DitException($"{source}: expected the folder of a finetune, found {(File.Exists(folder) ? "a file" : "no such folder")}");
        }

        FinetuneKind kind;
        try
        {
            kind = KindOf(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{folder}: could not be read: {e.Message}", e);
        }

        return id is null || kind == FinetuneKind.DiffSet
            ? new FinetuneSource(folder, id, kind)
            : throw new DitException($"{source}: expected a diff set before the #, found {(kind == FinetuneKind.Adapter ? "a PEFT adapter" : "a checkpoint")}");
    }

    /// <summary>The diff that is meant.</summary>
    /// <exception cref="DitException">There is none of this id, or none was named and the set holds several.</exception>
    public DiffRecord Choose(DiffSet set)
    {
        if (set.Records.Count == 0)
        {
            throw new DitException($"{Folder}: expected a diff set with at least one diff, found an empty one");
        }

        if (!string.IsNullOrEmpty(Id))
        {
            return set.Find(Id);
        }

        return set.Records.Count == 1 && Id is null
            ? set.Records[0]
            : throw new DitException($"{Folder}: expected one diff, found a set of {set.Records.Count}; append #ID, such as {string.Join(" or ", set.Records.Take(2).Select(record => $"{Folder}#{record.Id}"))}");
    }

    private static FinetuneKind KindOf(string folder)
    {
        var adapter = Has("adapter_config.json") || Has("adapter_model.safetensors");
        var weights = Has("model.safetensors") || Has("model.safetensors.index.json");
        if (adapter && weights)
        {
            throw new DitException($"{folder}: expected one finetune, found both a PEFT adapter (adapter_config.json) and a whole model (model.safetensors)");
        }

        // Some trainers leave the base's config.json beside their adapter.
        return adapter ? FinetuneKind.Adapter
            : Has("index.csv") || Directory.EnumerateFiles(folder, "shard-*").Any() ? FinetuneKind.DiffSet
            : weights || Has("config.json") ? FinetuneKind.Checkpoint
            : throw new DitException($"{folder}: expected a PEFT adapter (adapter_config.json), a diff set (index.csv) or a checkpoint (config.json), found {Found()}");

        bool Has(string name) => File.Exists(Path.Combine(folder, name));

        string Found() => Directory.EnumerateFileSystemEntries(folder).Any() ? "none of these files" : "an empty folder";
    }
}
