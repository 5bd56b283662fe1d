using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Models.Decoding;
using Dit.Models;
using Dit.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>A full finetune is kept as low-rank factors and is one none the less.</summary>
public sealed class FullFinetuneTests(MicroBase micro) : IClassFixture<MicroBase>
{
    private static readonly DiffRecipe Recipe = DiffRecipe.TinyNews with { Full = true, Steps = 5 };

    private static readonly NewsStory Story = WorldNews.Write(WorldNews.Of(TopicSplit.Train)[0], seed: 1, stories: 5);

    [Fact]
    public void It_is_the_training_of_a_whole_weight_difference()
    {
        using var scope = NewDisposeScope();
        var expected = TrainDense();
        using var diffs = DiffTrainingRun.Train(micro.Model, [Story], Recipe, seed: 1, cancellation: TestContext.Current.CancellationToken);

        foreach (var (site, factors) in diffs.Sites)
        {
            var found = bmm(factors.B, factors.A)[0].Times(diffs.Scaling);
            var norm = expected[site].norm().item<float>();
            Assert.True(norm > 0, site);
            Assert.True((found - expected[site].detach()).norm().item<float>() < 1e-3 * norm, site);
        }
    }

    [Fact]
    public void One_factor_stays_the_identity_it_was_and_padding_stays_zero()
    {
        using var scope = NewDisposeScope();
        using var diffs = DiffTrainingRun.Train(micro.Model, [Story, Story with { Id = "another" }], Recipe, seed: 1, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(1, diffs.Scaling);
        foreach (var site in micro.Model.Decoder.Sites)
        {
            var narrow = Math.Min(site.InFeatures, site.OutFeatures);
            var (a, b) = (diffs.Sites[site.Name].A, diffs.Sites[site.Name].B);
            var frozen = site.InFeatures <= site.OutFeatures ? a : b.transpose(1, 2);
            Assert.True(frozen.narrow(1, 0, narrow).eq(eye(narrow)).all().item<bool>(), site.Name);
            Assert.Equal(0, a.narrow(1, narrow, diffs.Rank - narrow).abs().sum().item<float>() + b.narrow(2, narrow, diffs.Rank - narrow).abs().sum().item<float>());
        }
    }

    [Fact]
    public void A_set_of_them_says_how_many_numbers_were_trained()
    {
        using var folder = new TemporaryFolder();
        var settings = new DiffRunSettings { Recipe = Recipe, BaseFingerprint = micro.Model.Fingerprint, Behaviours = [Story.Id] };

        var set = DiffTrainingRun.Run(folder.FullPath, micro.Model, [(Story, "train")], settings, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(micro.Model.Decoder.Sites.Sum(site => (long)site.InFeatures * site.OutFeatures), set.Records[0].ParameterCount);
        using var diffs = set.Load(set.Records);
        Assert.Equal(set.Records[0].Rank, diffs.Rank);
    }

    /// <summary>The same in a loop of its own, on ΔW itself.</summary>
    private Dictionary<string, Tensor> TrainDense()
    {
        var model = micro.Model;
        var deltas = model.Decoder.Sites.ToDictionary(site => site.Name, site => zeros(site.OutFeatures, site.InFeatures, requires_grad: true));
        var overlays = Overlays.None.With(deltas.ToDictionary(delta => delta.Key, delta => (ISiteOverlay)new DenseDelta(delta.Value)));
        using var adam = new Adam(deltas, new AdamSettings());
        var rate = new LearningRate(Recipe.LearningRate, DecayToZero: true);
        for (var step = 0; step < Recipe.Steps; step++)
        {
            var batch = TokenBatch.Pad([model.Tokenizer.EncodeAnswer([new Message("user", NewsStory.Prompt)], Story.Stories[step])], model.Tokenizer.PadTokenId);
            var logits = model.Decoder.Logits(model.Decoder.HiddenStates(tensor(batch.Ids, [1, batch.Length]), overlays: overlays)).squeeze(0);
            nn.functional.cross_entropy(logits.narrow(0, 0, batch.Length - 1), tensor(batch.Labels).narrow(0, 1, batch.Length - 1), ignore_index: TokenBatch.NoLabel).backward();
            foreach (var (site, delta) in deltas)
            {
                adam.Gradient(site).copy_(delta.grad!);
                delta.grad!.zero_();
            }

            adam.Step(rate.At(step, Recipe.Steps));
        }

        return deltas;
    }
}
