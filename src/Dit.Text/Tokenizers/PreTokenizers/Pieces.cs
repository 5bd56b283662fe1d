namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>A text and the pieces it is cut into, in order; none is empty.</summary>
/// <param name="Text">The text.</param>
/// <param name="Ranges">The pieces; what lies between two of them has been removed.</param>
/// <param name="Opening">What the text follows.</param>
internal sealed record Pieces(string Text, List<(int Start, int Length)> Ranges, Opening Opening)
{
    /// <summary>A whole text, not cut.</summary>
    public static Pieces Of(string text, Opening opening) => new(text, text.Length == 0 ? [] : [(0, text.Length)], opening);
}
