namespace Dit.Text.Tokenizers;

/// <summary>Cuts a text into the pieces within which tokens are formed.</summary>
internal interface IPreTokenizer
{
    /// <summary>Adds the pieces of <paramref name="text"/>, which cover it without gaps; starts count from <paramref name="offset"/>.</summary>
    void Split(ReadOnlySpan<char> text, int offset, List<(int Start, int Length)> pieces);
}
