using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>How many threads small and large parts of a pass are computed with.</summary>
public class PassThreadsTests
{
    [Fact]
    public void A_small_part_is_computed_on_one_thread_and_nobody_else_is()
    {
        using var scope = NewDisposeScope();
        using var model = TinyDecoder.Create();
        var all = get_num_threads();
        var elsewhere = 0;

        using (PassThreads.ForLayers(model, tokens: 3))
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
    public void A_large_part_is_computed_on_all()
    {
        using var scope = NewDisposeScope();
        using var model = TinyDecoder.Create();
        var all = get_num_threads();

        using (PassThreads.ForLayers(model, tokens: 1_000_000))
        {
            Assert.Equal(all, get_num_threads());
        }

        using (PassThreads.ForLogits(model, rows: 1_000_000))
        {
            Assert.Equal(all, get_num_threads());
        }
    }
}
