using Dit.Unicode;

namespace Dit.Text.Tokenizers;

/// <summary>The normalizer NFC.</summary>
internal sealed class FormCNormalizer : INormalizer
{
    public string Normalize(string text) => FormC.Of(text);
}
