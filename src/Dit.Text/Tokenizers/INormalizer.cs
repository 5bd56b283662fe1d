namespace Dit.Text.Tokenizers;

/// <summary>Rewrites text before it is cut into pieces.</summary>
internal interface INormalizer
{
    string Normalize(string text);
}
