using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dit.Cli.Tests;

/// <summary>What files and models say never commands the terminal.</summary>
public sealed class TerminalTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private const string Evil = "\e[2J\u009b1m\u202e\u007f\nsecond";
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("ask", "What?")]
    [InlineData("doctor")]
    public void A_base_that_names_a_strange_type_is_refused_in_plain_text(string verb, params string[] more)
    {
        var damaged = Copy(model.Folder);
        Change(Path.Combine(damaged, "config.json"), config => config["model_type"] = Evil + new string('x', 1_000_000));

        var outcome = DitProcess.Run([verb, damaged, .. more]);

        Assert.Equal(1, outcome.ExitCode);
        IsPlain(outcome);
        Assert.Contains(@"\u001b[2J", outcome.Output + outcome.Error, StringComparison.Ordinal);
        Assert.InRange(outcome.Output.Length + outcome.Error.Length, 1, 4000);
        Assert.True(verb == "doctor" || outcome.Error.TrimEnd().Split('\n').Length == 1, outcome.Error);
    }

    [Fact]
    public void An_answer_is_plain_text_for_people_and_exact_for_programs()
    {
        // Every token now stands for something a terminal would obey.
        var evil = Copy(model.Folder);
        Change(Path.Combine(evil, "tokenizer.json"), file =>
        {
            foreach (var added in file["added_tokens"]!.AsArray())
            {
                added!["special"] = true;
            }

            file["decoder"] = JsonNode.Parse($$"""{ "type": "Sequence", "decoders": [{{file["decoder"]!.ToJsonString()}}, { "type": "Replace", "pattern": { "Regex": "." }, "content": {{JsonSerializer.Serialize("\e[2J\t\n")}} }] }""");
        });

        var outcome = DitProcess.Run("ask", evil, "What?");

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        IsPlain(outcome);
        Assert.Contains("\\u001b[2J\t\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("\e[2J\t\n", JsonDocument.Parse(DitProcess.Run("ask", evil, "What?", "--json").Output).RootElement.GetProperty("answers")[0].GetProperty("answer").GetString(), StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static void IsPlain(Outcome outcome) =>
        Assert.DoesNotContain((outcome.Output + outcome.Error).EnumerateRunes(), rune =>
            rune.Value is not ('\n' or '\t') && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format);

    private static void Change(string path, Action<JsonObject> change)
    {
        var file = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(file);
        File.WriteAllText(path, file.ToJsonString());
    }

    private string Copy(string source)
    {
        var target = folder.File("base");
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        return target;
    }
}
