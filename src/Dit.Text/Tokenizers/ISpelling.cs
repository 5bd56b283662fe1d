namespace Dit.Text.Tokenizers;

/// <summary>How a piece of text is written in the vocabulary's alphabet.</summary>
internal interface ISpelling
{
    string Spell(ReadOnlySpan<char> piece);
}
