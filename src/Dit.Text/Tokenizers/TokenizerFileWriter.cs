using System.Text.Encodings.Web;
using System.Text.Json;
using Dit.Files;

namespace Dit.Text.Tokenizers;

/// <summary>Writes a byte-level tokenizer.json in the layout of Hugging Face's library; the same input gives the same bytes.</summary>
internal static class TokenizerFileWriter
{
    public static void Write(
        string path,
        string pattern,
        IReadOnlyList<string> vocabulary,
        IReadOnlyList<(string Left, string Right)> merges,
        IReadOnlyList<string> specialTokens,
        bool ignoreMerges)
    {
        var byteLevel = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = false, use_regex = false };
        var split = new { type = "Split", pattern = new { Regex = pattern }, behavior = "Isolated", invert = false };
        var content = new
        {
            version = "1.0",
            truncation = (object?)null,
            padding = (object?)null,
            added_tokens = specialTokens.Select((token, index) => new
            {
                id = vocabulary.Count + index,
                content = token,
                single_word = false,
                lstrip = false,
                rstrip = false,
                normalized = false,
                special = true,
            }),
            normalizer = new { type = "NFC" },
            pre_tokenizer = new { type = "Sequence", pretokenizers = new object[] { split, byteLevel } },
            post_processor = byteLevel,
            decoder = byteLevel,
            model = new
            {
                type = "BPE",
                dropout = (object?)null,
                unk_token = (object?)null,
                continuing_subword_prefix = "",
                end_of_word_suffix = "",
                fuse_unk = false,
                byte_fallback = false,
                ignore_merges = ignoreMerges,
                vocab = vocabulary.Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id),
                merges = merges.Select(merge => new[] { merge.Left, merge.Right }),
            },
        };
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, content, s_options));
    }

    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
