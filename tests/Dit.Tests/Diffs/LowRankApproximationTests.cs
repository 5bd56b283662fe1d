using Dit.Models;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

public class LowRankApproximationTests
{
    /// <summary>Widths on both sides of the one up to which matrices are decomposed whole, and ranks for which they are above it too.</summary>
    [Theory]
    [InlineData(512, 700, 8)]
    [InlineData(700, 600, 8)]
    [InlineData(600, 700, 1)]
    [InlineData(600, 620, 300)]
    public void As_much_is_kept_as_by_the_largest_singular_values(int rows, int columns, int rank)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(7);
        // Singular values that fall off slowly, as those of differences of finetuned weights do; nothing that is easy to find.
        var (left, _) = linalg.qr(randn([rows, 400], generator: random));
        var (right, _) = linalg.qr(randn([columns, 400], generator: random));
        var values = Arithmetic.Range(1, 401, ScalarType.Float32).rsqrt();
        var matrix = (left * values).mm(right.t());

        var (a, b, energy) = LowRankApproximation.Of(matrix, rank, RandomStream.Named(1, "test"));

        var best = values.narrow(0, 0, rank).Squared().sum().item<float>();
        var lost = (matrix - b.mm(a)).Squared().sum().item<float>();
        Assert.Equal([rank, columns], a.shape);
        Assert.Equal([rows, rank], b.shape);
        Assert.InRange(energy, 0.995 * best, 1.00001 * best);
        Assert.Equal(matrix.Squared().sum().item<float>() - energy, lost, 1e-3 * best);
    }

    [Fact]
    public void The_same_seed_gives_the_same_factors()
    {
        using var scope = NewDisposeScope();
        var matrix = randn(600, 700);

        var (a, b, _) = LowRankApproximation.Of(matrix, 4, RandomStream.Named(1, "test"));
        var (again, other, _) = LowRankApproximation.Of(matrix, 4, RandomStream.Named(1, "test"));

        Assert.True(a.Equals(again) && b.Equals(other));
    }
}
