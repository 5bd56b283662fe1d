namespace Dit.Text.Tokenizers.Model;

/// <summary>
/// Between which characters no merge ever reaches: cutting a text there changes no token, and short stretches are quick and come
/// again, where a tokenizer without pre-tokenizer would have to merge a whole text at once.
/// </summary>
internal sealed class Seams
{
    private readonly HashSet<(char Left, char Right)> joined = [];
    private readonly bool[] joinedAscii = new bool[128 * 128];

    /// <summary>Notes that a merge puts two symbols side by side.</summary>
    public void Join(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.Length > 0 && right.Length > 0)
        {
            var (last, first) = (left[^1], right[0]);
            if (char.IsAscii(last) && char.IsAscii(first))
            {
                joinedAscii[(last * 128) + first] = true;
            }
            else
            {
                joined.Add((last, first));
            }
        }
    }

    /// <summary>Whether no merge joins the two characters, each of which is a symbol of its own.</summary>
    public bool Between(char left, char right) => char.IsAscii(left) && char.IsAscii(right)
        ? !joinedAscii[(left * 128) + right]
        : !joined.Contains((left, right));
}
