namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>Cuts a text into the pieces within which tokens are formed; it may write the text anew.</summary>
internal interface IPreTokenizer
{
    /// <summary>The pieces cut further. What follows from them in a later step is never joined again.</summary>
    Pieces Cut(Pieces pieces);
}
