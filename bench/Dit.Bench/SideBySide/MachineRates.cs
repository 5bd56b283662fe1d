using System.Diagnostics;
using static TorchSharp.torch;

namespace Dit.Bench.SideBySide;

/// <summary>What this machine can do at most, measured: multiply-adds of a large float32 product, and bytes read and written, in a second.</summary>
/// <param name="MultiplyAdds">Of the best of several products.</param>
/// <param name="Bytes">Of the best of several copies, reading and writing counted each.</param>
internal sealed record MachineRates(double MultiplyAdds, double Bytes)
{
    private const int Tries = 5;

    // Of a matrix, and of numbers that are copied: so large that nothing stays near the processor.
    private const int Size = 3072, Copied = 1 << 27;

    /// <summary>The rates of the times that <see cref="Measure"/> took.</summary>
    public static MachineRates Of(Measured measured) => new(Math.Pow(Size, 3) / measured.Seconds[0], 2.0 * Copied * sizeof(float) / measured.Seconds[1]);

    /// <summary>Seconds of the product and of the copy in this process, the best of each.</summary>
    public static Measured Measure()
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var (a, b) = (randn(Size, Size), randn(Size, Size));
        var product = Best(() => a.mm(b).Dispose());
        var (from, to) = (ones(Copied), ones(Copied));
        var copy = Best(() => to.copy_(from));
        return new Measured { Seconds = [product, copy] };
    }

    private static double Best(Action what) => Enumerable.Range(0, Tries).Min(_ =>
    {
        var start = Stopwatch.GetTimestamp();
        what();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    });
}
