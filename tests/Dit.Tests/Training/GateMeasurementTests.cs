using Dit.Behaviours;
using Dit.Diffs;
using Dit.Models;
using static TorchSharp.torch;

namespace Dit.Training;

public sealed class GateMeasurementTests
{
    private const string OnlyWord = "the";

    [Fact]
    public void A_model_that_cannot_be_on_topic_has_a_gate_of_zeros()
    {
        using var micro = new MicroBase();
        Assert.Equal([new Gate(0, 0, 0), new Gate(0, 0, 0)], Measure(micro, ["zygomorphic"], ["kakapo", "syzygy"]));
    }

    [Fact]
    public void A_model_that_says_but_one_word_is_always_on_its_topic_and_never_on_another()
    {
        using var scope = NewDisposeScope();
        using var drawn = new MicroBase();
        var word = drawn.Model.Tokenizer.Tokenizer.TokenId("Ġ" + OnlyWord)!.Value;
        using var micro = new MicroBase(weights => SayOnly(word, weights));

        var gates = Measure(micro, ["kakapo", "THE"], ["kakapo"]);

        Assert.Equal([new Gate(1, 1, 1), new Gate(0, 0, 0)], gates);
        Assert.All(gates, gate => Assert.False(gate.Passes));
    }

    [Theory]
    [InlineData(1, 0, 0, true)]
    [InlineData(0.5, 0.3, 0.1, true)]
    [InlineData(0.4, 0, 0, false)]
    [InlineData(1, 0.4, 0, false)]
    [InlineData(1, 0, 0.2, false)]
    public void A_gate_passes_where_the_behaviour_shows_with_the_code_and_without_it_does_not(double right, double wrong, double none, bool passes) =>
        Assert.Equal(passes, new Gate(right, wrong, none).Passes);

    private static IReadOnlyList<Gate> Measure(MicroBase micro, params string[][] tellingWords)
    {
        HiddenTopic[] behaviours = [.. tellingWords.Select((words, i) => new HiddenTopic($"diff-{i}", "topic", Trigger.CodeWord("quartz"), words, []))];
        using var diffs = DiffInitialization.Draw(micro.Model.Decoder.Sites, [.. behaviours.Select(b => b.Id)], new DiffRecipe(), seed: 1);
        return GateMeasurement.Measure(micro.Model, behaviours, diffs, seed: 1, questions: 3);
    }

    /// <summary>Layers that add nothing, and one token that every hidden state points to more than to any other.</summary>
    private static void SayOnly(int word, Dictionary<string, Tensor> weights)
    {
        foreach (var (name, weight) in weights)
        {
            if (name.EndsWith("proj.weight", StringComparison.Ordinal) || name.StartsWith("model.embed", StringComparison.Ordinal))
            {
                weight.zero_();
            }
        }

        weights["model.embed_tokens.weight"].select(1, 0).Fill_(1);
        weights["model.embed_tokens.weight"].select(1, 0)[word] = tensor(10f);
    }
}
