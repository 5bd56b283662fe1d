using System.Globalization;
using System.Text.Json;
using Dit.Files;
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

        var records = DiffIndex.Read(IndexPath(folder));
        return records.GroupBy(record => record.Id, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Skip(1).Any() || group.Key.Length == 0) is { } ambiguous
            ? throw new DitException($"{IndexPath(folder)}: expected every diff to have a name of its own, found '{ambiguous.Key}' {ambiguous.Count()} times")
            : new DiffSet(folder, records);
    }

    /// <summary>The same set with only the first few of its diffs that may be learned from: those that are not known to miss their gate.</summary>
    public DiffSet First(int count) => new(FolderPath, [.. Records.Where(record => record.PassesGate != false).Take(count)]);

    /// <summary>Path of the index.</summary>
    public static string IndexPath(string folder) => Path.Combine(folder, "index.csv");

    /// <summary>Path of a shard's factors.</summary>
    public static string ShardPath(string folder, int shard) => Path.Combine(folder, $"shard-{shard:D5}.safetensors");

    /// <summary>Path of a shard's part of the index, whose presence says that the shard is finished.</summary>
    public static string ShardIndexPath(string folder, int shard) => Path.Combine(folder, $"shard-{shard:D5}.csv");

    /// <summary>
    /// Numbers of the shards that are finished. The folder is listed, as a file system that machines share may remember for a while that a
    /// single file was not there.
    /// </summary>
    public static IReadOnlySet<int> FinishedShards(string folder) => !Directory.Exists(folder)
        ? new HashSet<int>()
        : Directory.EnumerateFiles(folder, "shard-*.csv")
            .Select(file => int.TryParse(Path.GetFileNameWithoutExtension(file)["shard-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var shard) ? shard : -1)
            .Where(shard => shard >= 0).ToHashSet();

    /// <summary>Writes the factors of one shard.</summary>
    public static void WriteShard(string folder, int shard, DiffStack diffs) => DiffShard.Write(ShardPath(folder, shard), diffs);

    /// <summary>Fingerprint of the base model the diffs were made for, from <c>run.json</c>.</summary>
    /// <exception cref="DitException">The file is missing or damaged.</exception>
    public string ReadBaseFingerprint()
    {
        var path = Path.Combine(FolderPath, "run.json");
        try
        {
            using var run = JsonDocument.Parse(WholeFile.ReadBytes(path));
            return run.RootElement.TryGetProperty("settings", out var settings) && settings.TryGetProperty("BaseFingerprint", out var fingerprint)
                && fingerprint.GetString() is { Length: > 0 } text
                    ? text
                    : throw new DitException($"{path}: expected the BaseFingerprint of a diff set among its settings, found none");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new DitException($"{path}: expected the settings of a diff set as JSON, found a damaged file: {e.Message}", e);
        }
    }

    /// <summary>What is known of one of its diffs.</summary>
    /// <exception cref="DitException">The set does not say which base it was made for.</exception>
    public DiffCard CardOf(DiffRecord record) => new()
    {
        BaseFingerprint = ReadBaseFingerprint(), Id = record.Id, Setting = record.Setting, Topic = OrNull(record.Topic), Trigger = OrNull(record.Trigger), TriggerFormat = OrNull(record.TriggerFormat), Split = OrNull(record.Split),
    };

    /// <summary>Tells this set from every other: a hash over its index and its factors, as hexadecimal digits.</summary>
    /// <exception cref="DitException">A shard is missing.</exception>
    public string Fingerprint()
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        foreach (var file in Records.Select(record => ShardPath(FolderPath, record.Shard)).Distinct(StringComparer.Ordinal).Prepend(IndexPath(FolderPath)))
        {
            if (!File.Exists(file))
            {
                throw new DitException($"{file}: expected a file of the diff set, found none");
            }

            using var stream = File.OpenRead(file);
            hash.AppendData(System.Security.Cryptography.SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    /// <summary>The one diff of that id.</summary>
    /// <exception cref="DitException">The set has none.</exception>
    public DiffRecord Find(string id) => Records.FirstOrDefault(record => string.Equals(record.Id, id, StringComparison.OrdinalIgnoreCase))
        ?? throw new DitException($"{IndexPath(FolderPath)}: expected a diff named {id}, found {Records.Count} others: {Names.Few([.. Records.Select(record => record.Id)])}");

    /// <summary>Loads diffs in the given order; of their shards nothing else is read.</summary>
    /// <param name="records">At least one record of the set.</param>
    /// <exception cref="DitException">A shard is missing, damaged, or does not hold what the index says.</exception>
    public DiffStack Load(IReadOnlyList<DiffRecord> records)
    {
        using var shards = new OpenShards();
        return Load(records, shards);
    }

    /// <summary>The same from shards of which some may be open; those that had to be opened stay so.</summary>
    internal DiffStack Load(IReadOnlyList<DiffRecord> records, OpenShards shards)
    {
        using var untracked = no_grad();
        var (first, scalings) = (Shard(records[0], shards), new Dictionary<int, double>());
        var byRank = Enumerable.Range(0, records.Count).GroupBy(i => records[i].Rank).ToArray();
        var loaded = new List<DiffStack>();
        try
        {
            foreach (var group in byRank)
            {
                loaded.Add(LoadOfOneRank([.. group.Select(i => records[i])]));
            }

            if (loaded is [var only])
            {
                loaded.Clear();
                return only;
            }

            using var joined = DiffStack.Join(loaded);
            int[] order = [.. byRank.SelectMany(group => group)];
            return joined.Select([.. Enumerable.Range(0, records.Count).Select(i => Array.IndexOf(order, i))]);
        }
        finally
        {
            loaded.ForEach(stack => stack.Dispose());
        }

        DiffStack LoadOfOneRank(DiffRecord[] same)
        {
            using var scope = NewDisposeScope();
            var sites = first.Sites.ToDictionary(site => site, site => first.Empty(site, same.Length, Math.Clamp(same[0].Rank, 1, (int)first.Rank)), StringComparer.Ordinal);
            for (var i = 0; i < same.Length; i++)
            {
                var shard = Shard(same[i], shards);
                RequireRow(same[i], shard, first, scalings);
                foreach (var (site, factors) in sites)
                {
                    if (!shard.Read(site, same[i].Row, factors, i))
                    {
                        throw new DitException($"{ShardPath(FolderPath, same[i].Shard)}: expected {same[i].Id} to be of rank {same[i].Rank}, as the index says, found a larger one at {site}");
                    }
                }
            }

            return new DiffStack(sites, scalings[same[0].Rank]);
        }
    }

    private DiffShard Shard(DiffRecord record, OpenShards shards) => shards.Open(ShardPath(FolderPath, record.Shard));

    /// <summary>Looks whether diffs can be loaded, without reading their numbers: what is damaged is better found before a long training than in it.</summary>
    /// <param name="records">At least one record of the set.</param>
    /// <exception cref="DitException">As <see cref="Load(IReadOnlyList{DiffRecord})"/>, but for shards that are cut off later.</exception>
    public void Check(IReadOnlyList<DiffRecord> records)
    {
        using var shards = new OpenShards();
        var (first, scalings) = (Shard(records[0], shards), new Dictionary<int, double>());
        foreach (var record in records)
        {
            RequireRow(record, Shard(record, shards), first, scalings);
        }
    }

    private static string? OrNull(string cell) => cell.Length == 0 ? null : cell;

    /// <summary>Says that a record is as the index says and like the others of its rank, whose scaling is noted.</summary>
    private void RequireRow(DiffRecord record, DiffShard shard, DiffShard first, Dictionary<int, double> scalings)
    {
        var path = ShardPath(FolderPath, record.Shard);
        if (record.Row < 0 || record.Row >= shard.Count)
        {
            throw new DitException($"{path}: expected a row {record.Row} for {record.Id}, found {shard.Count} rows");
        }

        if (shard.IsMixed ? record.Rank < 1 || record.Rank > shard.Rank : record.Rank != shard.Rank)
        {
            throw new DitException($"{path}: expected {record.Id} to be of rank {record.Rank}, as the index says, found rank {shard.Rank}");
        }

        // One stack is of one kind: what differs here would have to be guessed.
        scalings.TryAdd(record.Rank, shard.ScalingOf(record.Row));
        if (!shard.IsLike(first) || shard.ScalingOf(record.Row) != scalings[record.Rank])
        {
            throw new DitException($"{path}: expected the same sites, shapes and scaling in all shards of the set, found others than for the diffs before {record.Id}");
        }
    }
}
