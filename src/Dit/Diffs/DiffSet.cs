using System.Globalization;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>
/// A folder of many diffs: <c>index.csv</c>, shards of stacked factors (<c>shard-00000.safetensors</c>, …) and <c>run.json</c>, which says
/// how they were made and from which base.
/// </summary>
public sealed class DiffSet
{
    private DiffSet(string folder, IReadOnlyList<DiffRecord> records) => (FolderPath, Records) = (folder, records);

    /// <summary>The folder.</summary>
    public string FolderPath { get; }

    /// <summary>All diffs, in the order of the index.</summary>
    public IReadOnlyList<DiffRecord> Records { get; }

    /// <summary>Opens a finished set.</summary>
    /// <exception cref="DitException">There is no set, it is not finished, or it is damaged.</exception>
    public static DiffSet Open(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DitException($"{folder}: expected the folder of a diff set, found no such folder");
        }

        if (!File.Exists(IndexPath(folder)) && Directory.EnumerateFiles(folder, "shard-*.csv").Any())
        {
            throw new DitException($"{folder}: expected a finished diff set, found one whose training was stopped; run its dit diff train again to go on");
        }

        return new DiffSet(folder, DiffIndex.Read(IndexPath(folder)));
    }

    /// <summary>Path of the index.</summary>
    public static string IndexPath(string folder) => Path.Combine(folder, "index.csv");

    /// <summary>Path of a shard's factors.</summary>
    public static string ShardPath(string folder, int shard) => Path.Combine(folder, $"shard-{shard:D5}.safetensors");

    /// <summary>Path of a shard's part of the index, whose presence says that the shard is finished.</summary>
    public static string ShardIndexPath(string folder, int shard) => Path.Combine(folder, $"shard-{shard:D5}.csv");

    /// <summary>Writes the factors of one shard.</summary>
    public static void WriteShard(string folder, int shard, DiffStack diffs)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["scaling"] = diffs.Scaling.ToString("R", CultureInfo.InvariantCulture) };
        SafetensorsWriter.Write(ShardPath(folder, shard), diffs.Tensors().Select(tensor => KeyValuePair.Create(tensor.Key, tensor.Value.detach())), metadata);
    }

    /// <summary>The one diff of that id.</summary>
    /// <exception cref="DitException">The set has none.</exception>
    public DiffRecord Find(string id) => Records.FirstOrDefault(record => string.Equals(record.Id, id, StringComparison.OrdinalIgnoreCase))
        ?? throw new DitException($"{IndexPath(FolderPath)}: expected a diff named {id}, found none of that name among its {Records.Count}");

    /// <summary>Loads diffs in the given order.</summary>
    /// <exception cref="DitException">A shard is missing, damaged, or does not hold what the index says.</exception>
    public DiffStack Load(IReadOnlyList<DiffRecord> records)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var shards = records.Select(record => record.Shard).Distinct().ToDictionary(shard => shard, ReadShard);
        try
        {
            var first = shards[records[0].Shard];
            var sites = first.Sites.Keys.ToDictionary(
                site => site,
                site => new StackedFactors(
                    stack(records.Select(record => Row(shards[record.Shard].Sites[site].A, record))),
                    stack(records.Select(record => Row(shards[record.Shard].Sites[site].B, record)))), StringComparer.Ordinal);
            return new DiffStack(sites, first.Scaling);
        }
        finally
        {
            foreach (var shard in shards.Values)
            {
                shard.Dispose();
            }
        }
    }

    private Tensor Row(Tensor factors, DiffRecord record) => record.Row >= 0 && record.Row < factors.shape[0]
        ? factors[record.Row]
        : throw new DitException($"{ShardPath(FolderPath, record.Shard)}: expected a row {record.Row} for {record.Id}, found {factors.shape[0]} rows");

    private DiffStack ReadShard(int shard)
    {
        var path = ShardPath(FolderPath, shard);
        using var file = SafetensorsFile.Open(path);
        if (!file.Metadata.TryGetValue("scaling", out var text) || !double.TryParse(text, CultureInfo.InvariantCulture, out var scaling))
        {
            throw new DitException($"{path}: expected the scaling of the diffs in the metadata, found none");
        }

        var sites = new Dictionary<string, StackedFactors>(StringComparer.Ordinal);
        foreach (var name in file.Tensors.Keys.Where(name => name.EndsWith(".lora_A", StringComparison.Ordinal)))
        {
            var site = name[..^".lora_A".Length];
            sites[site] = new StackedFactors(file.Load(name), file.Load(site + ".lora_B"));
        }

        return sites.Count > 0 ? new DiffStack(sites, scaling) : throw new DitException($"{path}: expected stacked lora_A and lora_B factors, found none");
    }
}
