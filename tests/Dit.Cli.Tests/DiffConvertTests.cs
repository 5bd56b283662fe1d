namespace Dit.Cli.Tests;

public sealed class DiffConvertTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_trained_set_goes_through_every_format_and_gives_the_same_answer()
    {
        var set = folder.File("set");
        Succeeds("diff", "train", "--out", set, "--base", model.Folder, "--count", "2", "--steps", "1");
        var id = File.ReadLines(Path.Combine(set, "index.csv")).Skip(1).First().Split(',')[0];

        Succeeds("diff", "convert", set, "--base", model.Folder, "--to", "pt", "--out", folder.File("official"));
        Succeeds("diff", "convert", folder.File("official"), "--base", model.Folder, "--to", "peft", "--out", folder.File("peft"));
        Succeeds("diff", "convert", folder.File($"peft/{id}"), folder.File("official") + "#1", "--base", model.Folder, "--to", "pt", "--out", folder.File("two.pt"));
        var said = Succeeds("diff", "convert", folder.File("two.pt"), "--base", model.Folder, "--to", "set", "--out", folder.File("again"));

        Assert.Contains("2 diffs", said, StringComparison.Ordinal);
        var answer = Ask($"{set}#{id}");
        Assert.Equal(answer, Ask($"{folder.File("official")}#{id}"));
        Assert.Equal(answer, Ask($"{folder.File("official")}#0"));
        Assert.Equal(answer, Ask(folder.File($"peft/{id}")));
        Assert.Equal(answer, Ask($"{folder.File("two.pt")}#0"));
    }

    [Fact]
    public void Diffs_of_an_unknown_format_are_a_usage_error()
    {
        var outcome = DitProcess.Run("diff", "convert", "x", "--to", "gguf", "--out", folder.File("out"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("gguf", outcome.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static string Succeeds(params string[] arguments)
    {
        var outcome = DitProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return outcome.Output;
    }

    private string Ask(string source) => Succeeds("ask", model.Folder, "What?", "--diff", source);
}
