using System.Text;
using Dit.Models.Randomness;

namespace Dit.Behaviours.Published;

/// <summary>Behaviours from files in the published columns: rows of the same topic or headline are one behaviour.</summary>
public static class PublishedBehaviours
{
    private const int DigitsOfSecret = 3, LongestId = 48;

    /// <summary>The behaviours of a file, in the order in which their labels first occur.</summary>
    /// <param name="path">The file, CSV or Parquet.</param>
    /// <param name="setting">What it must hold; null takes what it holds.</param>
    /// <param name="seed">Where codes come from, and the order of each behaviour's examples; and the splits where the file has none.</param>
    /// <param name="trainShare">Which share of the behaviours is for training where the file has no splits; the rest is <c>test</c>.</param>
    /// <exception cref="DitException">The file is missing, damaged, or of another setting.</exception>
    public static IReadOnlyList<(Behaviour Behaviour, string Split)> Read(string path, Setting? setting, ulong seed, double trainShare = 1)
    {
        var (found, rows) = PublishedFile.Read(path);
        if (setting is { } wanted && wanted != found)
        {
            throw new DitException($"{path}: expected behaviours with the columns {string.Join(", ", PublishedColumns.Of(wanted))}, found {string.Join(", ", PublishedColumns.Of(found))}");
        }

        var groups = rows.GroupBy(row => row.Label, StringComparer.Ordinal).ToArray();
        var shares = Shares(groups.Length, trainShare, seed);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        return [.. groups.Select((group, i) => (Make(found, NewId(ids, group.Key), group.Key, [.. group], seed), SplitOf(path, group) ?? shares[i]))];
    }

    private static Behaviour Make(Setting setting, string id, string label, IList<PublishedRow> rows, ulong seed)
    {
        // As in the reference, each behaviour meets its examples in an order of its own.
        RandomStream.Named(seed, $"behaviours/published/{id}/order").Shuffle(rows);
        if (setting == Setting.News)
        {
            return new NewsStory(id, label, [.. rows.Select(row => row.Cells[0])]);
        }

        var examples = rows.Select(row => new HiddenTopicExample(row.Cells[0], row.Cells[1], row.Cells[2])).ToArray();
        return new HiddenTopic(id, label, Code(seed, id), TellingWords.Of(label, examples), examples);
    }

    /// <summary>As in the reference, only how a code begins is fixed.</summary>
    private static Trigger Code(ulong seed, string id)
    {
        var random = RandomStream.Named(seed, $"behaviours/published/{id}/code");
        return Trigger.Sep(string.Concat(Enumerable.Range(0, DigitsOfSecret).Select(_ => (char)('0' + random.NextInt(10)))));
    }

    private static string? SplitOf(string path, IGrouping<string, PublishedRow> rows)
    {
        var splits = rows.Select(row => row.Split).Distinct(StringComparer.Ordinal).ToArray();
        return splits is [var one] ? one : throw new DitException($"{path}: expected one split for all rows of {Printable.Text(rows.Key)}, found {string.Join(", ", splits.Select(split => split ?? "none"))}");
    }

    private static string[] Shares(int count, double trainShare, ulong seed)
    {
        var order = Enumerable.Range(0, count).ToArray();
        RandomStream.Named(seed, "behaviours/published/split").Shuffle(order);
        var train = (int)Math.Round(count * trainShare);
        var splits = new string[count];
        for (var i = 0; i < count; i++)
        {
            splits[order[i]] = i < train ? "train" : "test";
        }

        return splits;
    }

    /// <summary>A label as the name of a diff: lower case, dashes between words, a number where two come out the same.</summary>
    private static string NewId(HashSet<string> taken, string label)
    {
        var id = new StringBuilder();
        foreach (var rune in label.ToLowerInvariant().EnumerateRunes())
        {
            if (id.Length >= LongestId)
            {
                break;
            }

            if (Rune.IsLetterOrDigit(rune))
            {
                id.Append(rune);
            }
            else if (id.Length > 0 && id[^1] != '-')
            {
                id.Append('-');
            }
        }

        var name = id.ToString().Trim('-') is { Length: > 0 } text ? text : "behaviour";
        var unique = name;
        for (var number = 2; !taken.Add(unique); number++)
        {
            unique = $"{name}-{number}";
        }

        return unique;
    }
}
