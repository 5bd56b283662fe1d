namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>Finds places in a text.</summary>
internal interface IPattern
{
    /// <summary>Adds the matches in order; they do not overlap and may be empty.</summary>
    void Find(ReadOnlySpan<char> text, List<(int Start, int Length)> matches);
}
