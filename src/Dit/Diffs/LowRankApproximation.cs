using Dit.Models;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>
/// The product of low rank that is nearest to a matrix: its largest singular values and their vectors. Of large matrices they are found by
/// random projection with power iterations, which is a thousand times less work and misses next to nothing of the energy.
/// </summary>
public static class LowRankApproximation
{
    private const int ExactUpTo = 512;
    private const int Oversampling = 16;
    private const int PowerIterations = 4;

    /// <summary>Factors A [rank, in] and B [out, rank], each with half of every singular value, and the squared norm of B A.</summary>
    /// <param name="matrix">[out, in], float32.</param>
    /// <param name="rank">At most the smaller of its sizes.</param>
    /// <param name="random">For the projection.</param>
    public static (Tensor A, Tensor B, double SquaredNorm) Of(Tensor matrix, int rank, RandomStream random)
    {
        using var scope = NewDisposeScope();
        var smaller = Math.Min(matrix.shape[0], matrix.shape[1]);
        var (left, values, right) = smaller <= ExactUpTo ? linalg.svd(matrix.to(ScalarType.Float64), fullMatrices: false)
            : 4 * (rank + Oversampling) > smaller ? linalg.svd(matrix, fullMatrices: false)
            : Randomized(matrix, rank + Oversampling, random);
        var (kept, roots) = (values.narrow(0, 0, rank), values.narrow(0, 0, rank).sqrt());
        var a = (right.narrow(0, 0, rank) * roots.unsqueeze(1)).to(ScalarType.Float32).contiguous();
        var b = (left.narrow(1, 0, rank) * roots).to(ScalarType.Float32).contiguous();
        return (a.MoveToOuterDisposeScope(), b.MoveToOuterDisposeScope(), kept.to(ScalarType.Float64).Squared().sum().item<double>());
    }

    private static (Tensor Left, Tensor Values, Tensor Right) Randomized(Tensor matrix, int width, RandomStream random)
    {
        var (rows, columns) = (matrix.shape[0], matrix.shape[1]);
        var draws = new float[columns * width];
        for (var i = 0; i < draws.Length; i++)
        {
            draws[i] = (float)random.NextGaussian();
        }

        // Without a new orthogonal basis at every turn, float32 would lose all directions but the strongest.
        var transposed = matrix.t();
        var basis = Basis(matrix.mm(tensor(draws, columns, width)));
        for (var i = 0; i < PowerIterations; i++)
        {
            basis = Basis(matrix.mm(Basis(transposed.mm(basis))));
        }

        var (left, values, right) = linalg.svd(basis.t().mm(matrix).to(ScalarType.Float64), fullMatrices: false);
        return (basis.to(ScalarType.Float64).mm(left), values, right);
    }

    private static Tensor Basis(Tensor columns) => linalg.qr(columns).Q;
}
