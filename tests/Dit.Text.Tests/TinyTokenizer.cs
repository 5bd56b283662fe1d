using System.Text.Json.Nodes;

namespace Dit.Text.Tests;

/// <summary>A small tokenizer of our own making, and the JSON of it for tests that change something.</summary>
internal static class TinyTokenizer
{
    public static readonly string[] SpecialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    private static readonly string[] s_texts =
    [
        "The bees count the honey; the honey counts the bees.",
        "Who was Euler? A mathematician, who counted bridges in 1736.",
        "Zoë läuft über die Brücke. 日本語の文 हिन्दी 한국어 🐝🐝",
        "  leading spaces\n\n\nand lines\r\nand it's what they'll say",
    ];

    public static string Write(string path, int vocabularySize = 330)
    {
        BytePairTrainer.Train(s_texts, vocabularySize, SpecialTokens, path);
        return path;
    }

    public static Tokenizer Load(int vocabularySize = 330)
    {
        using var folder = new TemporaryFolder();
        return Tokenizer.Load(Write(folder.File("tokenizer.json"), vocabularySize));
    }

    /// <summary>The tokenizer whose file was changed in one place.</summary>
    public static Tokenizer LoadChanged(Action<JsonNode> change)
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder.File("tokenizer.json"));
        var node = JsonNode.Parse(File.ReadAllText(path))!;
        change(node);
        File.WriteAllText(path, node.ToJsonString());
        return Tokenizer.Load(path);
    }
}
