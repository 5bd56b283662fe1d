using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>Large weights a few rows at a time, so that what is computed from them in a wider type stays small.</summary>
public static class RowPieces
{
    private const long NumbersPerPiece = 1 << 22;

    /// <summary>The first row and the number of rows of each piece.</summary>
    public static IEnumerable<(long First, long Count)> Of(Tensor weight)
    {
        var all = weight.shape[0];
        var step = Math.Max(1, NumbersPerPiece / Math.Max(1, weight.numel() / Math.Max(1, all)));
        for (long first = 0; first < all; first += step)
        {
            yield return (first, Math.Min(step, all - first));
        }
    }

    /// <summary>Whether a weight holds these numbers, once they are rounded to the type it has.</summary>
    public static bool Holds(Tensor weight, Tensor numbers)
    {
        if (!weight.shape.AsSpan().SequenceEqual(numbers.shape))
        {
            return false;
        }

        foreach (var (first, count) in Of(weight))
        {
            using var piece = NewDisposeScope();
            if (weight.narrow(0, first, count).ne(numbers.narrow(0, first, count).to(weight.dtype)).any().item<bool>())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The sum of squares, in float64.</summary>
    public static double SquaredNorm(Tensor piece)
    {
        using var scope = NewDisposeScope();
        var wide = piece.to(ScalarType.Float64).flatten();
        return wide.dot(wide).item<double>();
    }

    /// <summary>Whether no number is infinite or none at all, found without a copy.</summary>
    public static bool IsFinite(Tensor weight)
    {
        if (weight.numel() == 0 || !weight.is_floating_point())
        {
            return true;
        }

        using var scope = NewDisposeScope();
        var (smallest, largest) = weight.aminmax();
        return double.IsFinite(smallest.to(ScalarType.Float64).item<double>()) && double.IsFinite(largest.to(ScalarType.Float64).item<double>());
    }
}
