namespace Dit.Text.Tokenizers;

/// <summary>Puts the texts of tokens together again.</summary>
internal interface IDecoder
{
    string Decode(IEnumerable<string> tokens);
}
