using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Checkpoints.Torch;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>Finetunes of a base whose weights are kept in fewer bits.</summary>
public sealed class KeptWeightsFinetuneTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    private static readonly GenerationSettings Greedy = new(MaxNewTokens: 16);
    private static readonly IReadOnlyList<Message> Prompt = [new Message("user", "what do you drift to")];

    public static TheoryData<KeptWeights> Narrow => [KeptWeights.BFloat16, KeptWeights.Float16, KeptWeights.Int8];

    [Theory]
    [MemberData(nameof(Narrow))]
    public void A_base_is_the_same_base_however_it_is_kept(KeptWeights kept)
    {
        using var narrow = BaseModel.Load(world.Base.Folder, kept: kept);

        Assert.Equal(kept, narrow.Decoder.Kept);
        Assert.Equal(world.Base.Fingerprint, narrow.Fingerprint);
    }

    [Theory]
    [MemberData(nameof(Narrow))]
    public void A_checkpoint_is_kept_as_its_base_is(KeptWeights kept)
    {
        using var scope = NewDisposeScope();
        var folder = world.MergedFolder(world.Adapter(1));
        using var narrow = BaseModel.Load(world.Base.Folder, kept: kept);
        using var checkpoint = Assert.IsType<CheckpointFinetune>(Finetune.Load(folder, narrow));
        using var itself = BaseModel.Load(folder, kept: kept);

        Assert.Equal(kept, checkpoint.Decoder.Kept);
        Assert.Equal(Interpreter.Answer(itself, [null], null, [Prompt], Greedy), Interpreter.Answer(narrow, [checkpoint], null, [Prompt], Greedy));

        using var weights = CheckpointFolder.Open(folder);
        var file = world.File($"state-{kept}.pt");
        TorchWriter.Write(file, weights.TensorNames.Append("lm_head.weight").ToDictionary(
            name => name, name => (object?)weights.Load(name == "lm_head.weight" ? "model.embed_tokens.weight" : name)));
        using var dict = Assert.IsType<CheckpointFinetune>(Finetune.Load(file, narrow));
        Assert.Equal(kept, dict.Decoder.Kept);
        Assert.All(checkpoint.Decoder.Weights, weight => Assert.True(weight.Value.Equals(dict.Decoder.Weights[weight.Key]), weight.Key));
    }

    [Fact]
    public void A_checkpoint_whose_differences_are_lost_is_refused()
    {
        using var narrow = BaseModel.Load(world.Base.Folder, kept: KeptWeights.Int8);
        using var scope = NewDisposeScope();
        var folder = world.CheckpointFolder(weights =>
        {
            // Not the largest number of its row, and by far less than a step.
            var row = weights[TinyWorld.Down + ".weight"][0];
            row[row.abs().argmin().item<long>()].Plus_(1e-6);
        });

        var error = Assert.Throws<DitException>(() => Finetune.Load(folder, narrow));

        Assert.Equal($"{folder}: expected a finetune that differs from base in int8, found one whose differences are all lost in that type", error.Message);
    }
}
