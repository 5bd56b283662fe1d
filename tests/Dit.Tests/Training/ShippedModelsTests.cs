using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Training;
using Dit.Training.Pretraining;

namespace Dit.Tests.Training;

/// <summary>The models in the repository are what the code in it says of them.</summary>
public sealed class ShippedModelsTests
{
    private static readonly string Models = Path.Combine(Root(), "models");

    [Theory]
    [InlineData("tiny-topic-adapter", 3, 1124, new[] { Setting.HiddenTopic })]
    [InlineData("tiny-news-adapter", 1, 1165, new[] { Setting.News })]
    [InlineData("tiny-both-adapter", 1, 3413, new[] { Setting.HiddenTopic, Setting.News })]
    public void An_adapter_belongs_to_the_base_and_holds_out_all_that_is_not_for_training(string name, ulong seed, int diffs, Setting[] settings)
    {
        var card = DitAdapter.Read(Path.Combine(Models, name)).Card!;
        var (topics, news) = (settings.Contains(Setting.HiddenTopic), settings.Contains(Setting.News));
        Assert.Equal(BaseFingerprint.Of(Path.Combine(Models, "tiny-base")), card.BaseFingerprint);
        Assert.Equal(settings.Select(setting => new AdapterQuestion(setting, IntrospectionQuestions.Of(setting).Main)), card.Asks);
        Assert.Equal(topics ? TopicList.All.Where(topic => topic.Split != TopicSplit.Train).Select(topic => topic.Name) : [], card.HeldOut);
        Assert.Equal(news ? ["validation", "report"] : [], card.HeldOutNews);
        Assert.Equal((topics && news ? AdapterRecipe.TinyBoth : AdapterRecipe.Tiny) with { Seed = seed }, card.Recipe);
        Assert.Equal(diffs, card.Diffs);
        Assert.Equal(SelfQuestions.NothingChanged, card.NothingChanged);
        Assert.Equal(IntrospectionQuestions.Of(settings[0]).Main, card.Questions[0]);
    }

    [Fact]
    public void The_base_has_the_shape_of_the_default_settings()
    {
        var (config, settings) = (ModelConfig.Read(Path.Combine(Models, "tiny-base")), new TinyBaseSettings());
        Assert.Equal(
            (settings.VocabularySize, settings.Width, settings.Layers, settings.Heads, settings.KeyValueHeads, settings.HeadSize, settings.FeedForward),
            (config.VocabularySize, config.HiddenSize, config.LayerCount, config.HeadCount, config.KeyValueHeadCount, config.HeadSize, config.IntermediateSize));
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "dit.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder;
    }
}
