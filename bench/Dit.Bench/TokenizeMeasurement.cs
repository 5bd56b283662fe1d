using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Dit.Text;

namespace Dit.Bench;

/// <summary><c>tokenize</c>: how fast texts become token ids on one core.</summary>
internal static class TokenizeMeasurement
{
    public static Command Command()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Folder with a tokenizer.json." };
        var text = new Argument<string>("TEXT") { Description = "A file of text." };
        var command = new Command("tokenize", "Encodes a text, line by line and as a whole.") { folder, text };
        command.SetAction(parsed => Measure(parsed.GetValue(folder)!, File.ReadAllText(parsed.GetValue(text)!)));
        return command;
    }

    private static void Measure(string folder, string text)
    {
        var clock = Stopwatch.StartNew();
        var tokenizer = Tokenizer.Load(Path.Combine(folder, "tokenizer.json"));
        Console.WriteLine($"tokenizer of {tokenizer.VocabularySize} tokens loaded after {clock.Elapsed.TotalSeconds:F2} s");

        var megabytes = Encoding.UTF8.GetByteCount(text) / 1e6;
        foreach (var (name, pieces) in new[] { ("line by line, cold", text.Split('\n')), ("line by line again", text.Split('\n')), ("as a whole", [text]) })
        {
            clock.Restart();
            var tokens = pieces.Sum(piece => (long)tokenizer.Encode(piece).Length);
            Console.WriteLine($"{name}: {megabytes / clock.Elapsed.TotalSeconds:F1} MB/s, {tokens} tokens of {megabytes:F1} MB");
        }

        Console.WriteLine(ProcessMemory.Summary());
    }
}
