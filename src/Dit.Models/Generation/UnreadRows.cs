using Dit.Models.Decoding;

namespace Dit.Models.Generation;

/// <summary>Rows whose prompts a model has not read, or not all of them, and how much of them is read in one pass.</summary>
/// <param name="model">The model.</param>
internal sealed class UnreadRows(Decoder model)
{
    // So much reading lies between two tokens of the others: of the order of a tenth of a second on one core.
    private const double OperationsPerPass = 2e9;
    private const int Fewest = 64, Most = 512;

    // Rounded up, so that libtorch, which prepares for every shape that it meets, meets few.
    private const int WidthStep = 8;

    private readonly LinkedList<LiveRow> rows = [];
    private readonly int tokens = (int)Math.Clamp(OperationsPerPass / (2.0 * model.Sites.Sum(site => (double)site.InFeatures * site.OutFeatures)), Fewest, Most);

    /// <summary>How many there are.</summary>
    public int Count => rows.Count;

    /// <summary>The columns of a pass in which the longest row reads so many tokens.</summary>
    public static int Width(int longest) => (longest + WidthStep - 1) / WidthStep * WidthStep;

    /// <summary>Puts one behind the others.</summary>
    public void Add(LiveRow row) => rows.AddLast(row);

    /// <summary>Takes one away; nothing happens where it is not there.</summary>
    public void Remove(LiveRow row) => rows.Remove(row);

    /// <summary>Takes all away.</summary>
    public void Clear() => rows.Clear();

    /// <summary>Takes those that are read next: several whose prompts are short, or one whose prompt is long.</summary>
    public LiveRow[] Next()
    {
        var group = new List<LiveRow>();
        var width = 0;
        while (rows.First?.Value is { } row)
        {
            var (wider, isLong) = (Math.Max(width, Width(row.Prompt.Count)), row.Prompt.Count > tokens);
            if (group.Count > 0 && (isLong || wider * (group.Count + 1) > tokens))
            {
                break;
            }

            group.Add(row);
            rows.RemoveFirst();
            width = wider;
            if (isLong)
            {
                break;
            }
        }

        return [.. group];
    }

    /// <summary>
    /// How many tokens of a row are read: all, or a piece of a long prompt, as others wait and what goes on from a cache has all its attention scores in memory at once.
    /// </summary>
    public int Piece(LiveRow row) =>
        row.Prompt.Count <= tokens ? row.Prompt.Count : Math.Min(row.Prompt.Count - row.Read, Math.Min(tokens, (int)Decoder.LongestWithAllScores));
}
