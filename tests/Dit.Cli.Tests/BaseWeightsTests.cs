using System.Text.Json;
using Dit.Diffs;

namespace Dit.Cli.Tests;

/// <summary>Everything that is done with a base, with its weights kept in fewer bits.</summary>
public sealed class BaseWeightsTests(TinyModel model) : IClassFixture<TinyModel>
{
    [Theory]
    [InlineData("bfloat16")]
    [InlineData("float16")]
    [InlineData("int8")]
    public void Diffs_and_adapter_are_trained_and_asked_on_a_base_in_fewer_bits(string kept)
    {
        using var folder = new TemporaryFolder();
        var (set, run) = (folder.File("set"), folder.File("run"));
        string[] diffs = ["diff", "train", "--base", model.Folder, "--out", set, "--count", "2", "--steps", "2"];
        string[] adapter = ["adapter", "train", "--base", model.Folder, "--out", run, "--diffs", set, "--epochs", "1", "--rank", "2"];

        Succeeds([.. diffs, "--base-weights", kept]);
        TinyModel.LetAllPass(set);
        Succeeds([.. adapter, "--base-weights", kept]);
        var answer = Succeeds("ask", model.Folder, "--base-weights", kept, "--adapter", Path.Combine(run, "adapter"), "--diff", $"{set}#{DiffSet.Open(set).Records[0].Id}", "--json");

        using (var json = JsonDocument.Parse(answer))
        {
            Assert.Equal(1, json.RootElement.GetProperty("answers").GetArrayLength());
        }

        foreach (var settings in new[] { Path.Combine(set, "run.json"), Path.Combine(run, "run.json") })
        {
            using var json = JsonDocument.Parse(File.ReadAllText(settings));
            Assert.Equal(kept, json.RootElement.GetProperty("settings").GetProperty("BaseWeights").GetString());
        }

        using var card = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "adapter", "dit.json")));
        Assert.Equal(kept, card.RootElement.GetProperty("base_weights").GetString());

        // Goes on as it was, and as nothing else.
        Succeeds([.. adapter, "--base-weights", kept]);
        DitProcess.Refuses("other values of BaseWeights", adapter);
        DitProcess.Refuses("other values of BaseWeights", [.. diffs, "--base-weights", kept == "int8" ? "bfloat16" : "int8"]);
    }

    [Fact]
    public void Without_a_word_on_them_weights_are_as_ever()
    {
        using var folder = new TemporaryFolder();
        string[] train = ["diff", "train", "--base", model.Folder, "--out", folder.File("set"), "--count", "2", "--steps", "2"];
        Succeeds(train);
        Succeeds([.. train, "--base-weights", "float32"]);
        Succeeds([.. train, "--dtype", "float32"]);
    }

    private static string Succeeds(params string[] arguments)
    {
        var outcome = DitProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return outcome.Output;
    }
}
