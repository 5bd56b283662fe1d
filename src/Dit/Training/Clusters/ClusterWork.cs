namespace Dit.Training.Clusters;

/// <summary>What a cluster is to do: train a diff set in parts, and perhaps an adapter on it.</summary>
public sealed record ClusterWork
{
    /// <summary>How a node starts dit, as a shell reads it.</summary>
    public required string Dit { get; init; }

    /// <summary>Options of <c>dit diff train</c>, as a shell reads them.</summary>
    public required string DiffOptions { get; init; }

    /// <summary>In how many parts the set is trained.</summary>
    public required int Parts { get; init; }

    /// <summary>Which of them are to be done.</summary>
    public required IReadOnlyList<int> Missing { get; init; }

    /// <summary>Options of <c>dit adapter train</c>, as a shell reads them; null where no adapter is wanted.</summary>
    public string? AdapterOptions { get; init; }

    /// <summary>Tells this work from other: a name made of the set's.</summary>
    public required string Name { get; init; }

    /// <summary>A name for the work on a set: that of its folder as far as it is plain, and what tells folders of one name apart.</summary>
    public static string NameOf(string set)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(set));
        string plain = new([.. Path.GetFileName(full).ToLowerInvariant().Where(c => char.IsAsciiLetterOrDigit(c) || c == '-').Take(24)]);
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(full)))[..8];
        return $"{plain.Trim('-')}-{hash}".TrimStart('-');
    }

    /// <summary>Whole numbers as ranges, such as <c>0-3,7</c>; they are given in ascending order.</summary>
    public static string Ranges(IReadOnlyList<int> numbers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var number in numbers)
        {
            if (ranges.Count > 0 && ranges[^1].Last == number - 1)
            {
                ranges[^1] = (ranges[^1].First, number);
            }
            else
            {
                ranges.Add((number, number));
            }
        }

        return string.Join(',', ranges.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"));
    }
}
