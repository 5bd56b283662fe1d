using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>Some rows of a diff at one weight, in float64; belongs to the current dispose scope.</summary>
internal delegate Tensor DeltaRows(long first, long count);

/// <summary>Adds diffs to weights, rounds, and keeps count of what rounding made of the diffs.</summary>
internal sealed class RoundedSums(string source)
{
    private int weights;
    private long numbers;
    private long changed;
    private double squaredNorm;
    private double squaredError;

    /// <summary>What has become of all diffs so far.</summary>
    public MergeReport Report => new(weights, numbers, changed, Math.Sqrt(squaredNorm), Math.Sqrt(squaredError));

    /// <summary>A weight in another type, with nothing added.</summary>
    /// <exception cref="DitException">It does not fit that type.</exception>
    public Tensor Of(string name, Tensor weight, ScalarType type) => weight.dtype == type ? weight : RequireFinite(name, weight.to(type), type);

    /// <summary>A weight with a diff, in a type. The sum is taken in float64 before it is rounded.</summary>
    /// <exception cref="DitException">It does not fit that type.</exception>
    public Tensor Of(string name, Tensor weight, ScalarType type, DeltaRows delta)
    {
        var result = empty(weight.shape, type);
        foreach (var (first, count) in RowPieces.Of(weight))
        {
            using var scope = NewDisposeScope();
            var before = weight.narrow(0, first, count);
            var difference = delta(first, count);
            var sum = before.to(ScalarType.Float64).Plus(difference).to(type);
            result.narrow(0, first, count).copy_(sum);

            // The base in the same type is what the merged weights will be compared with.
            var rounded = before.to(type);
            changed += sum.ne(rounded).sum().item<long>();
            squaredNorm += RowPieces.SquaredNorm(difference);
            squaredError += RowPieces.SquaredNorm(sum.to(ScalarType.Float64).sub_(rounded).sub_(difference));
        }

        weights++;
        numbers += weight.numel();
        return RequireFinite(name, result, type);
    }

    private Tensor RequireFinite(string name, Tensor weight, ScalarType type) => RowPieces.IsFinite(weight)
        ? weight
        : throw new DitException($"{source}: expected weights that {type.Name()} can hold, found numbers in {name} that it cannot");
}
