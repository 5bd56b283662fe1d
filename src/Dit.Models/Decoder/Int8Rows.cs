using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Rounds a matrix to whole numbers from -127 to 127 and a scale for every row, by which its largest number is 127: no number moves by more
/// than half a scale, and rows of embeddings and of the output head, which are of very different sizes, do not spoil one another.
/// </summary>
internal static class Int8Rows
{
    private const int Largest = 127;

    // So few that what is needed on the way is smaller than most results: freed memory is then taken again for the next way, and leaves no holes
    // between results.
    private const long NumbersPerPiece = 1L << 18;

    /// <summary>The numbers [rows,columns] (int8) and scales [rows] (float32) of a matrix that is read a few rows at a time.</summary>
    /// <param name="name">Whose they are, for a complaint.</param>
    /// <param name="shape">[rows,columns].</param>
    /// <param name="read">The rows from a first one on and a number of them, in any floating-point type.</param>
    /// <exception cref="DitException">A number is infinite or none at all.</exception>
    internal static (Tensor Numbers, Tensor Scales) Round(string name, long[] shape, Func<long, long, Tensor> read)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var (numbers, scales) = (empty(shape, ScalarType.Int8), empty([shape[0]], ScalarType.Float32));
        var most = Math.Max(1, NumbersPerPiece / shape[1]);
        for (long first = 0; first < shape[0]; first += most)
        {
            using var piece = NewDisposeScope();
            var count = Math.Min(most, shape[0] - first);
            var rows = read(first, count).to(ScalarType.Float32);
            var scale = linalg.norm(rows, double.PositiveInfinity, [1]).DividedBy_(Largest);
            if (!scale.isfinite().all().item<bool>())
            {
                throw new DitException($"{name}: expected finite numbers to round to int8, found others.");
            }

            // A row of zeros, or one too small for a scale, becomes zeros.
            scales.narrow(0, first, count).copy_(scale.Fill_(scale.IsZero(), 1));
            numbers.narrow(0, first, count).copy_(rows.div(scale.unsqueeze(1)).round_());
        }

        return (numbers.MoveToOuterDisposeScope(), scales.MoveToOuterDisposeScope());
    }
}
