using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Products with weights of fewer bits are the products with the same weights in float32.</summary>
public sealed class NarrowWeightTests : IDisposable
{
    private readonly IDisposable scope = NewDisposeScope();

    /// <summary>Small ones, and more rows than a block has.</summary>
    public static TheoryData<ScalarType, int, int> Weights => new(
        from type in new[] { ScalarType.BFloat16, ScalarType.Float16, ScalarType.Int8 } from shape in new[] { (7, 5), (300_000, 24) } select (type, shape.Item1, shape.Item2));

    [Theory]
    [MemberData(nameof(Weights))]
    public void Products_and_gradients_are_those_of_the_widened_weight(ScalarType type, int outputs, int inputs)
    {
        var (narrow, wide) = Draw(type, outputs, inputs);
        foreach (var bias in new[] { null, randn(outputs) })
        {
            var x = randn(2, 3, inputs).requires_grad_();
            var expected = nn.functional.linear(x, wide, bias);
            var gradient = randn(expected.shape);
            expected.backward([gradient]);
            var flat = gradient.view(-1, outputs);
            using var untracked = no_grad();

            var found = narrow.Product(x, bias);
            var back = narrow.InputGradient(flat);
            var sum = randn(6, inputs);
            var before = sum.clone();
            narrow.AddInputGradient(sum, flat);

            Assert.Equal(ScalarType.Float32, found.dtype);
            AssertNear(expected, found);
            AssertNear(x.grad!.view(6, inputs), back);
            AssertNear(before.Plus(back), sum);
        }
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void A_16_bit_weight_of_one_block_gives_the_very_bits_of_float32(ScalarType type)
    {
        var (narrow, wide) = Draw(type, 96, 64);
        using var untracked = no_grad();
        foreach (var rows in new[] { 1, 3, 40 })
        {
            var (x, bias, gradient) = (randn(2, rows, 64), randn(96), randn(rows, 96));

            Assert.True(narrow.Product(x).Equals(new DenseWeight(wide).Product(x)));
            Assert.True(narrow.Product(x, bias).Equals(new DenseWeight(wide).Product(x, bias)));
            Assert.True(narrow.InputGradient(gradient).Equals(new DenseWeight(wide).InputGradient(gradient)));
        }
    }

    [Theory]
    [MemberData(nameof(Weights))]
    public void Rows_are_those_of_the_widened_weight(ScalarType type, int outputs, int inputs)
    {
        var (narrow, wide) = Draw(type, outputs, inputs);
        var numbers = tensor(new long[] { 3, 0, 3, 6 });

        Assert.True(narrow.Rows(numbers).Equals(wide.index_select(0, numbers)));
    }

    [Fact]
    public void Nothing_is_left_behind_by_a_product()
    {
        var (narrow, _) = Draw(ScalarType.Int8, 300_000, 24);
        var (x, gradient) = (randn(6, 24), randn(6, 300_000));
        using var untracked = no_grad();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using (narrow.Product(x))
        using (narrow.InputGradient(gradient))
        {
            Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void Rounding_to_int8_moves_no_number_by_more_than_half_a_step_of_its_row()
    {
        // Rows of very different sizes, one of zeros, one of the smallest numbers there are, and more than a block.
        var weight = randn(200_000, 24) * pow10(randn(200_000, 1).Times(3));
        weight[3].zero_();
        weight[4].Fill_(1e-45);

        var (numbers, scales) = Int8Rows.Round("w", weight.shape, (first, count) => weight.narrow(0, first, count));

        var error = (numbers.to(ScalarType.Float32) * scales.unsqueeze(1) - weight).abs();
        Assert.Equal((ScalarType.Int8, ScalarType.Float32), (numbers.dtype, scales.dtype));
        Assert.Equal([200_000], scales.shape);
        Assert.Equal(-127, numbers.min().to(ScalarType.Int64).item<long>());
        Assert.Equal(127, numbers.max().to(ScalarType.Int64).item<long>());
        Assert.True(error.le(scales.unsqueeze(1).Times(0.50001)).all().item<bool>());
        Assert.Equal(0, numbers[3].abs().max().to(ScalarType.Int64).item<long>());

        static Tensor pow10(Tensor x) => x.Times(Math.Log(10)).exp();
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Numbers_that_are_none_are_not_rounded(float number)
    {
        var weight = randn(4, 3);
        weight[2, 1] = number;

        var error = Assert.Throws<DitException>(() => Int8Rows.Round("w", weight.shape, (first, count) => weight.narrow(0, first, count)));

        Assert.Equal("w: expected finite numbers to round to int8, found others.", error.Message);
    }

    public void Dispose() => scope.Dispose();

    private static (NarrowWeight Narrow, Tensor Wide) Draw(ScalarType type, int outputs, int inputs)
    {
        var weight = randn(outputs, inputs);
        if (type != ScalarType.Int8)
        {
            var kept = weight.to(type);
            return (new NarrowWeight(kept), kept.to(ScalarType.Float32));
        }

        var (numbers, scales) = Int8Rows.Round("w", weight.shape, (first, count) => weight.narrow(0, first, count));
        return (new NarrowWeight(numbers, scales), numbers.to(ScalarType.Float32) * scales.unsqueeze(1));
    }

    private static void AssertNear(Tensor expected, Tensor found)
    {
        Assert.Equal(expected.shape, found.shape);
        Assert.InRange((expected - found).norm().item<float>(), 0, 1e-5 * expected.norm().item<float>());
    }
}
