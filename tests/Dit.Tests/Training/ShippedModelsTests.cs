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

    [Fact]
    public void The_adapter_belongs_to_the_base_and_holds_out_every_topic_that_is_not_for_training()
    {
        var adapter = DitAdapter.Read(Path.Combine(Models, "tiny-topic-adapter"));
        Assert.Equal(BaseFingerprint.Of(Path.Combine(Models, "tiny-base")), adapter.Card!.BaseFingerprint);
        Assert.Equal(TopicList.All.Where(topic => topic.Split != TopicSplit.Train).Select(topic => topic.Name), adapter.Card!.HeldOut);
        Assert.Equal(AdapterRecipe.Tiny, adapter.Card!.Recipe);
        Assert.Equal(SelfQuestions.NothingChanged, adapter.Card!.NothingChanged);
        Assert.Equal(SelfQuestions.Topic, adapter.Card!.Questions[0]);
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
