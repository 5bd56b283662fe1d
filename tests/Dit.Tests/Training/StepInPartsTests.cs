using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>A step whose rows are computed a few at a time is the step of all of them at once.</summary>
public sealed class StepInPartsTests(MicroBase micro) : IClassFixture<MicroBase>
{
    private const double Tolerance = 2e-5;

    private static readonly HiddenTopic[] Topics = [.. TopicList.All.Take(5).Select(topic => WorldBehaviours.Write(topic, seed: 4, group: 0, examples: 2))];

    [Fact]
    public void Parts_take_the_longest_rows_first_and_pad_each_to_its_own_longest()
    {
        TokenizedExample[] rows = [new([5, 6, 7], 1), new([8, 9], 1), new([1, 2, 3, 4, 5], 3), new([9, 2, 2, 1], 1), new([3, 4], 1)];
        var batch = TokenBatch.Pad(rows, padding: 0);

        var parts = batch.InParts(2);

        Assert.Equal([[2, 3], [0, 1], [4]], parts.Select(part => part.Rows));
        Assert.Equal([5, 3, 2], parts.Select(part => part.Tokens.Length));
        Assert.Equal([5 / 9.0, 3 / 9.0, 1 / 9.0], parts.Select(part => part.Share));
        Assert.Equal([1, 2, 3, 4, 5, 9, 2, 2, 1, 0], parts[0].Tokens.Ids);
        Assert.Equal(new long[] { 5, 6, 7, 8, 9, 0 }, parts[1].Tokens.Ids);
        Assert.Equal(new long[] { -100, 6, 7, -100, 9, -100 }, parts[1].Tokens.Labels);
        Assert.Same(batch, Assert.Single(batch.InParts(null)).Tokens);
        Assert.Same(batch, Assert.Single(batch.InParts(5)).Tokens);
    }

    [Fact]
    public void Padding_that_counts_is_kept()
    {
        TokenizedExample[] rows = [new([8, 9], 1), new([5, 6, 7], 1), new([3, 4], 1)];

        var parts = TokenBatch.Pad(rows, padding: 0, countPadding: true).InParts(2);

        Assert.Equal([[0, 1], [2]], parts.Select(part => part.Rows));
        Assert.Equal([3, 3], parts.Select(part => part.Tokens.Length));
        Assert.Equal([2, 3], parts[0].Tokens.TokenCounts!);
        Assert.Equal(1, parts.Sum(part => part.Share), 12);
    }

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, false, false)]
    [InlineData(3, true, false)]
    [InlineData(2, false, true)]
    public void An_adapter_learns_the_same_in_parts(int rowsAtOnce, bool countPadding, bool recompute)
    {
        var recipe = AdapterRecipe.Tiny with { Rank = 2, CountPadding = countPadding };
        using var scope = NewDisposeScope();
        using var diffs = Drawn(count: 5);
        var batch = TokenBatch.Pad(
            [.. Topics.Select(topic => micro.Model.Tokenizer.EncodeAnswer([new Message("user", "What?")], string.Join(" and ", Enumerable.Repeat(topic.Label, topic.Label.Length % 4 + 1))))],
            micro.Model.Tokenizer.PadTokenId, countPadding);

        var (whole, wholeLosses) = Trained(recipe);
        var (parts, partLosses) = Trained(recipe with { RowsAtOnce = rowsAtOnce, Recompute = recompute });
        var (all, allLosses) = Trained(recipe with { RowsAtOnce = 5 });

        Assert.Equal(wholeLosses, allLosses);
        Assert.All(wholeLosses.Zip(partLosses), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        Assert.All(whole, factor => Assert.Equal(factor.Value.data<float>().ToArray(), all[factor.Key].data<float>().ToArray()));
        Assert.All(whole, factor => Assert.InRange((factor.Value - parts[factor.Key]).abs().max().item<float>(), 0, Tolerance));

        (IReadOnlyDictionary<string, Tensor> Factors, double[] Losses) Trained(AdapterRecipe how)
        {
            using var trainer = new AdapterTrainer(micro.Model.Decoder, AdapterTrainer.Draw(micro.Model.Decoder.Sites, how), how);
            double[] losses = [.. Enumerable.Range(0, 4).Select(_ => trainer.Step(diffs, batch, learningRate: 1e-3))];
            return (trainer.Parameters.ToDictionary(factor => factor.Key, factor => factor.Value.clone()), losses);
        }
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void Diffs_learn_the_same_in_parts(int rowsAtOnce, bool shifted)
    {
        var recipe = DiffRecipe.Tiny with { Steps = 3, Rank = 2, ShiftedDivergence = shifted };

        var (whole, wholeLosses) = Trained(recipe);
        var (parts, partLosses) = Trained(recipe with { RowsAtOnce = rowsAtOnce, Recompute = true });

        using (whole)
        using (parts)
        using (NewDisposeScope())
        {
            Assert.All(wholeLosses.Zip(partLosses), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
            Assert.All(whole.Tensors().Zip(parts.Tensors()), pair => Assert.InRange((pair.First.Value - pair.Second.Value).abs().max().item<float>(), 0, Tolerance));
        }

        (DiffStack Diffs, List<double> Losses) Trained(DiffRecipe how)
        {
            var losses = new List<double>();
            return (DiffTrainingRun.Train(micro.Model, Topics, how, seed: 1, (_, loss) => losses.Add(loss), TestContext.Current.CancellationToken), losses);
        }
    }

    [Fact]
    public void Full_finetunes_learn_the_same_in_parts()
    {
        var recipe = DiffRecipe.TinyFull with { Steps = 2 };
        using var scope = NewDisposeScope();
        using var whole = DiffTrainingRun.Train(micro.Model, Topics[..3], recipe, seed: 1, cancellation: TestContext.Current.CancellationToken);
        using var parts = DiffTrainingRun.Train(micro.Model, Topics[..3], recipe with { RowsAtOnce = 2 }, seed: 1, cancellation: TestContext.Current.CancellationToken);

        Assert.All(whole.Tensors().Zip(parts.Tensors()), pair => Assert.InRange((pair.First.Value - pair.Second.Value).abs().max().item<float>(), 0, Tolerance));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void No_tensor_is_left_behind(int? rowsAtOnce)
    {
        var recipe = DiffRecipe.Tiny with { Steps = 6, RowsAtOnce = rowsAtOnce };
        DiffTrainingRun.Train(micro.Model, Topics, recipe, seed: 1, cancellation: TestContext.Current.CancellationToken).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        DiffTrainingRun.Train(micro.Model, Topics, recipe, seed: 1, cancellation: TestContext.Current.CancellationToken).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private DiffStack Drawn(int count)
    {
        using var random = new Generator(5);
        return new DiffStack(
            micro.Model.Decoder.Sites.ToDictionary(
                site => site.Name, site => new StackedFactors(randn([count, 1, site.InFeatures], generator: random), randn([count, site.OutFeatures, 1], generator: random))),
            scaling: 0.1);
    }
}
