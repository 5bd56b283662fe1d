namespace Dit.Text.Tokenizers;

/// <summary>What a tokenizer.json describes, piece by piece and in the order of its use.</summary>
/// <param name="AddedTokens">Tokens recognised as they are.</param>
/// <param name="Normalizers">Applied to the text between them.</param>
/// <param name="PreTokenizers">Each cuts the pieces of the one before.</param>
/// <param name="Spelling">Writes a piece in the alphabet of the vocabulary.</param>
/// <param name="Vocabulary">Token to id, without the added tokens.</param>
/// <param name="Model">Turns a spelled piece into ids.</param>
/// <param name="Prefix">Ids put before a text when special tokens are asked for.</param>
/// <param name="Suffix">Ids put after it.</param>
/// <param name="Decoder">Tokens to text.</param>
internal sealed record TokenizerParts(
    IReadOnlyList<AddedToken> AddedTokens,
    IReadOnlyList<INormalizer> Normalizers,
    IReadOnlyList<IPreTokenizer> PreTokenizers,
    ISpelling Spelling,
    Dictionary<string, int> Vocabulary,
    BytePairModel Model,
    IReadOnlyList<int> Prefix,
    IReadOnlyList<int> Suffix,
    IDecoder Decoder);
