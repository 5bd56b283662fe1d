using Dit.Text.Tokenizers.Decoders;
using Dit.Text.Tokenizers.Model;
using Dit.Text.Tokenizers.Normalizers;
using Dit.Text.Tokenizers.PreTokenizers;

namespace Dit.Text.Tokenizers;

/// <summary>What a tokenizer.json describes, piece by piece and in the order of its use.</summary>
/// <param name="File">The file, for errors.</param>
/// <param name="AddedTokens">Tokens recognised as they are.</param>
/// <param name="Normalizers">Applied to the text between them.</param>
/// <param name="PreTokenizers">Each cuts the pieces of the one before.</param>
/// <param name="Vocabulary">Token to id, without the added tokens.</param>
/// <param name="Model">Turns a piece into ids.</param>
/// <param name="Prefix">Ids put before a text when special tokens are asked for.</param>
/// <param name="Suffix">Ids put after it.</param>
/// <param name="Decoders">From the texts of tokens to a text.</param>
internal sealed record TokenizerParts(
    string File,
    IReadOnlyList<AddedToken> AddedTokens,
    IReadOnlyList<Normalizer> Normalizers,
    IReadOnlyList<IPreTokenizer> PreTokenizers,
    Dictionary<string, int> Vocabulary,
    BytePairModel Model,
    IReadOnlyList<int> Prefix,
    IReadOnlyList<int> Suffix,
    IReadOnlyList<Decoder> Decoders);
