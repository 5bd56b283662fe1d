namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>Cuts where a pattern matches.</summary>
/// <param name="pattern">What is looked for within each piece.</param>
/// <param name="behavior">What becomes of the matches.</param>
/// <param name="invert">What lies between the matches counts as match, and the matches as what lies between.</param>
internal sealed class Split(IPattern pattern, Behavior behavior, bool invert = false) : IPreTokenizer
{
    public Pieces Cut(Pieces pieces)
    {
        var finer = new List<(int Start, int Length)>(pieces.Ranges.Count);
        var matches = new List<(int Start, int Length)>();
        var parts = new List<(int Start, int Length, bool IsMatch)>();
        foreach (var (start, length) in pieces.Ranges)
        {
            matches.Clear();
            pattern.Find(pieces.Text.AsSpan(start, length), matches);
            if (matches.Count == 0 && !invert)
            {
                finer.Add((start, length));
                continue;
            }

            parts.Clear();
            Alternate(start, length, matches, parts);
            Fold(parts, finer);
        }

        return pieces with { Ranges = finer };
    }

    /// <summary>Matches and what lies between, in order.</summary>
    private void Alternate(int start, int length, List<(int Start, int Length)> matches, List<(int Start, int Length, bool IsMatch)> parts)
    {
        var done = 0;
        foreach (var match in matches)
        {
            if (match.Start > done)
            {
                parts.Add((start + done, match.Start - done, invert));
            }

            parts.Add((start + match.Start, match.Length, !invert));
            done = match.Start + match.Length;
        }

        if (length > done)
        {
            parts.Add((start + done, length - done, invert));
        }
    }

    private void Fold(List<(int Start, int Length, bool IsMatch)> parts, List<(int Start, int Length)> folded)
    {
        var (first, previousWasMatch) = (true, false);
        foreach (var (start, length, isMatch) in parts)
        {
            var joins = !first && behavior switch
            {
                Behavior.Contiguous => isMatch == previousWasMatch,
                Behavior.MergedWithPrevious => isMatch && !previousWasMatch,
                Behavior.MergedWithNext => !isMatch && previousWasMatch,
                _ => false,
            };
            if (joins)
            {
                var (start1, length1) = folded[^1];
                folded[^1] = (start1, length1 + length);
            }
            else if (!(isMatch && behavior == Behavior.Removed))
            {
                folded.Add((start, length));
            }

            (first, previousWasMatch) = (false, isMatch);
        }
    }
}
