using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>How many threads small and large parts of a pass are computed with.</summary>
public class PassThreadsTests
{
    [Fact]
    public void A_small_pass_is_computed_on_one_thread_and_nobody_else_is()
    {
        Assert.SkipUnless(PassThreads.CanBeChosen, "one thread here, or a libtorch that cannot be told");
        using var scope = NewDisposeScope();
        using var model = TinyDecoder.Create();
        var all = get_num_threads();
        var elsewhere = 0;

        using (PassThreads.For(model, tokens: 3))
        {
            Assert.Equal(1, get_num_threads());
            var other = new Thread(() => elsewhere = get_num_threads());
            other.Start();
            other.Join();
        }

        Assert.Equal(all, elsewhere);
        Assert.Equal(all, get_num_threads());
    }

    [Fact]
    public void A_large_pass_is_computed_on_all_and_so_is_any_of_a_model_in_16_bits()
    {
        using var scope = NewDisposeScope();
        using var model = TinyDecoder.Create();
        using var half = new Decoder(model.Config, model.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.to(TorchSharp.torch.bfloat16)));
        var all = get_num_threads();

        using (PassThreads.For(model, tokens: 1_000_000))
        {
            Assert.Equal(all, get_num_threads());
        }

        using (PassThreads.For(half, tokens: 3))
        {
            Assert.Equal(all, get_num_threads());
        }
    }
}
