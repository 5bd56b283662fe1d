namespace Dit.Text.Tokenizers.Normalizers;

/// <summary>Rewrites text before it is cut into pieces.</summary>
/// <param name="Rewrite">The text anew.</param>
/// <param name="Prepends">It only puts something before the text, which must not happen where a text goes on.</param>
/// <param name="MayDropStart">Its result may begin later in the text than the text does.</param>
internal sealed record Normalizer(Func<string, string> Rewrite, bool Prepends = false, bool MayDropStart = false);
