using static TorchSharp.torch;

namespace Dit.Models.Decoding;

public sealed class HalfProductsTests : IDisposable
{
    private readonly IDisposable scope = NewDisposeScope();

    /// <summary>With gradients, products are libtorch's own; without, they may go by way of float32 (whether they do is the CPU's affair).</summary>
    [Theory]
    [InlineData(ScalarType.BFloat16, 40)]
    [InlineData(ScalarType.Float16, 40)]
    [InlineData(ScalarType.Float16, 300_000)] // An output head of more than one block.
    public void Products_of_16_bits_are_as_exact_as_libtorchs_own(ScalarType type, int vocabulary)
    {
        var config = TinyDecoder.Config with { VocabularySize = vocabulary };
        using var exact = TinyDecoder.Create(config);
        using var half = new Decoder(config, exact.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.to(type)));
        using var rounded = new Decoder(config, half.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.to(ScalarType.Float32)));
        var ids = TinyDecoder.Ids(TinyDecoder.Prompt(9, 1).Select(id => id % 40).ToArray(), TinyDecoder.Prompt(9, 2).Select(id => id % 40).ToArray());
        var expected = rounded.Logits(rounded.HiddenStates(ids));

        var own = half.Logits(half.HiddenStates(ids));
        using var untracked = no_grad();
        var found = half.Logits(half.HiddenStates(ids));

        Assert.Equal(type, found.dtype);
        Assert.Equal(expected.shape, found.shape);
        Assert.InRange(Error(found), 0, 2 * Error(own));

        double Error(Tensor logits) => (logits.to(ScalarType.Float32) - expected).Squared().mean().sqrt().item<float>();
    }

    public void Dispose() => scope.Dispose();
}
