namespace Dit.Text.Tokenizers.Model;

/// <summary>What a tokenizer.json says of its byte-pair encoding.</summary>
/// <param name="File">Where it comes from, for errors.</param>
/// <param name="Vocabulary">Token to id, without the added tokens.</param>
/// <param name="Merges">The merges.</param>
/// <param name="Seams">Where no merge reaches across.</param>
/// <param name="IgnoreMerges">A piece that is a token of its own is that token even where no merges lead there.</param>
/// <param name="ByteIds">By byte the tokens that characters without a symbol are spelled with, -1 for one that is missing; or null.</param>
/// <param name="UnknownToken">What stands for such a character otherwise; where null it is left out.</param>
/// <param name="FuseUnknown">Whether one unknown token stands for a run of such characters.</param>
internal sealed record BytePairSettings(
    string File,
    Dictionary<string, int> Vocabulary,
    Merges Merges,
    Seams Seams,
    bool IgnoreMerges,
    int[]? ByteIds,
    string? UnknownToken,
    bool FuseUnknown)
{
    /// <summary>The id of the unknown token, which only a text with unknown characters asks for.</summary>
    public int UnknownId() => Vocabulary.TryGetValue(UnknownToken!, out var id)
        ? id
        : throw new DitException($"{File}: expected the unknown token {UnknownToken} in the vocabulary, found no such token");
}
