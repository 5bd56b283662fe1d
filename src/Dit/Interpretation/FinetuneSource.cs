using Dit.Diffs;

namespace Dit.Interpretation;

/// <summary>What a folder or file holds.</summary>
internal enum FinetuneKind
{
    /// <summary>A PEFT adapter.</summary>
    Adapter,

    /// <summary>A diff set.</summary>
    DiffSet,

    /// <summary>All weights of a finetuned model.</summary>
    Checkpoint,

    /// <summary>A torch file: weight diffs in the reference's layout, or a whole state dict.</summary>
    TorchFile,

    /// <summary>A published index of such files.</summary>
    ReferenceIndex,

    /// <summary>A folder of folders of PEFT adapters.</summary>
    AdapterFolders,
}

/// <summary>A folder or a torch file, what it holds judging by the names of files, and which diff of several is meant.</summary>
internal sealed record FinetuneSource(string Folder, string? Id, FinetuneKind Kind)
{
    private static readonly string[] Pickled = ["pytorch_model.bin", "pytorch_model.bin.index.json"];
    private static readonly string[] TorchEndings = [".pt", ".pth", ".bin"];

    /// <summary>Whether a file is a torch file by its name.</summary>
    public static bool IsTorch(string path) => TorchEndings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Looks at what a user has named.</summary>
    /// <exception cref="DitException">There is no such folder or file, or no finetune in it.</exception>
    public static FinetuneSource Find(string source)
    {
        // A folder or file may itself have a # in its name.
        var mark = Path.Exists(source) ? -1 : source.LastIndexOf('#');
        var (folder, id) = mark < 0 ? (source, null) : (source[..mark], source[(mark + 1)..]);
        if (File.Exists(folder) && IsTorch(folder))
        {
            return new FinetuneSource(folder, id, FinetuneKind.TorchFile);
        }

        if (!Directory.Exists(folder))
        {
            throw new DitException($"{source}: expected the folder of a finetune or a .pt file, found {(File.Exists(folder) ? "a file of another kind" : "no such folder")}");
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

        return id is null || kind is FinetuneKind.DiffSet or FinetuneKind.ReferenceIndex
            ? new FinetuneSource(folder, id, kind)
            : throw new DitException($"{source}: expected a diff set before the #, found {kind switch { FinetuneKind.Adapter => "a PEFT adapter", FinetuneKind.AdapterFolders => "a folder of PEFT adapters", _ => "a checkpoint" }}");
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

    /// <summary>The PEFT adapters in a folder's folders, in the order of their names.</summary>
    public static IEnumerable<string> Adapters(string folder) =>
        Directory.EnumerateDirectories(folder).Where(inner => File.Exists(Path.Combine(inner, "adapter_config.json"))).Order(StringComparer.Ordinal);

    /// <summary>Why a folder of several adapters is not one finetune.</summary>
    public DitException Several()
    {
        string[] adapters = [.. Adapters(Folder)];
        return new DitException($"{Folder}: expected one finetune, found a folder of {adapters.Length} PEFT adapters; name one of them, such as {string.Join(" or ", adapters.Take(2))}");
    }

    private static FinetuneKind KindOf(string folder)
    {
        var adapter = Has("adapter_config.json") || Has("adapter_model.safetensors") || Has("adapter_model.bin");
        var weights = Has("model.safetensors") || Has("model.safetensors.index.json");
        if (adapter && weights)
        {
            throw new DitException($"{folder}: expected one finetune, found both a PEFT adapter (adapter_config.json) and a whole model (model.safetensors)");
        }

        if (!adapter && !weights && Pickled.FirstOrDefault(Has) is { } pickled)
        {
            throw new DitException($"{folder}: expected a checkpoint in safetensors, found {pickled}; load it in Python and save it with save_pretrained");
        }

        // Some trainers leave the base's config.json beside their adapter.
        return adapter ? FinetuneKind.Adapter
            : ReferenceIndex.IsIn(folder) ? FinetuneKind.ReferenceIndex
            : Has("index.csv") || Directory.EnumerateFiles(folder, "shard-*").Any() ? FinetuneKind.DiffSet
            : weights || Has("config.json") ? FinetuneKind.Checkpoint
            : Adapters(folder).Any() ? FinetuneKind.AdapterFolders
            : throw new DitException($"{folder}: expected a PEFT adapter (adapter_config.json), a diff set (index.csv) or a checkpoint (config.json), found {Found()}");

        bool Has(string name) => File.Exists(Path.Combine(folder, name));

        string Found() => Directory.EnumerateFileSystemEntries(folder).Any() ? "none of these files" : "an empty folder";
    }
}
