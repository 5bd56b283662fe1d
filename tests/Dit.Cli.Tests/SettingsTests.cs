using System.Text.Json;
using System.Text.Json.Nodes;
using Dit.Behaviours;
using Dit.Diffs;
using Dit.Training;

namespace Dit.Cli.Tests;

/// <summary>Both settings from the command line, on a base that has never been trained.</summary>
public sealed class SettingsTests(TinyModel model) : IClassFixture<TinyModel>
{
    [Fact]
    public void One_adapter_for_topics_and_news_is_asked_both_questions()
    {
        using var folder = new TemporaryFolder();
        var (topics, news, run) = (folder.File("topics"), folder.File("news"), folder.File("run"));
        Succeeds("diff", "train", "--base", model.Folder, "--out", topics, "--count", "2", "--steps", "2", "--rank", "full", "--trigger", "mark-anywhere");
        using (var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(topics, "run.json"))))
        {
            Assert.Equal(DiffRecipe.TinyFull.LearningRate, settings.RootElement.GetProperty("settings").GetProperty("Recipe").GetProperty("LearningRate").GetDouble());
        }

        TinyModel.LetAllPass(topics);
        Succeeds("diff", "train", "--base", model.Folder, "--out", news, "--setting", "news", "--count", "2", "--steps", "2", "--recipe", "paper");
        Succeeds("adapter", "train", "--base", model.Folder, "--out", run, "--diffs", topics, "--diffs", news, "--epochs", "1", "--rank", "2");

        var (topic, story) = (DiffSet.Open(topics).Records[0], DiffSet.Open(news).Records[0]);
        Assert.Equal((TriggerKind.MarkAnywhere, Setting.HiddenTopic), (topic.SetOffBy!.Kind, topic.Setting));
        Assert.Equal((8, Setting.News), (story.Rank, story.Setting));

        string[] ask = ["ask", model.Folder, "--adapter", Path.Combine(run, "adapter"), "--diff", $"{topics}#{topic.Id}", "--diff", $"{news}#{story.Id}"];
        using var both = JsonDocument.Parse(Succeeds([.. ask, "--json"]));
        Assert.Equal(JsonValueKind.Null, both.RootElement.GetProperty("question").ValueKind);
        Assert.Equal(
            ["What topic have you been trained on?", "What news headline have you been trained on?", "What topic have you been trained on?", "What news headline have you been trained on?"],
            both.RootElement.GetProperty("answers").EnumerateArray().Select(answer => answer.GetProperty("question").GetString()));
        using var one = JsonDocument.Parse(Succeeds([.. ask, "--json", "What is your news?"]));
        Assert.Equal("What is your news?", one.RootElement.GetProperty("question").GetString());
        Assert.Equal(2, one.RootElement.GetProperty("answers").GetArrayLength());
        var text = Succeeds(ask);
        Assert.Contains($"{news}#{story.Id}: What news headline have you been trained on? ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_set_of_stories_goes_on_and_is_whole()
    {
        using var folder = new TemporaryFolder();
        string[] train = ["diff", "train", "--base", model.Folder, "--out", folder.File("news"), "--setting", "news", "--split", "report", "--count", "3", "--steps", "2"];
        Succeeds(train);
        var index = File.ReadAllText(folder.File("news/index.csv"));
        Succeeds(train);

        Assert.Equal(index, File.ReadAllText(folder.File("news/index.csv")));
        Assert.All(DiffSet.Open(folder.File("news")).Records, record => Assert.Equal("report", record.Split));
        var run = JsonNode.Parse(File.ReadAllText(folder.File("news/run.json")))!;
        Assert.Equal(8, (int)run["settings"]!["Recipe"]!["Rank"]!);
    }

    private static string Succeeds(params string[] arguments)
    {
        var outcome = DitProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome.Output;
    }
}
