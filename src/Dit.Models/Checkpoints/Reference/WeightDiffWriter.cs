using System.Globalization;
using Dit.Models.Checkpoints.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Reference;

/// <summary>Writes low-rank diffs in the layouts of the reference implementation, which divides by the rank and knows no other scaling.</summary>
public static class WeightDiffWriter
{
    /// <summary>Writes a list of weight diffs with their labels.</summary>
    /// <param name="path">The file to write or to replace.</param>
    /// <param name="diffs">Factors, topic and trigger; a trigger of digits is written as a number.</param>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<(PeftAdapter Factors, string? Topic, string? Trigger)> diffs)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        TorchWriter.Write(path, diffs.Select(diff => (object?)new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["topic"] = diff.Topic,
            ["trigger"] = IsNumber(diff.Trigger, out var number) ? number : diff.Trigger,
            ["weight_diff"] = Pairs(diff.Factors, factors => (Folded(factors).t(), factors.A.t())),
        }).ToList());
    }

    /// <summary>Writes a DIT adapter.</summary>
    /// <param name="path">The file to write or to replace.</param>
    /// <param name="adapter">Its factors.</param>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void WriteAdapter(string path, PeftAdapter adapter)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        TorchWriter.Write(path, Pairs(adapter, factors => (Folded(factors), factors.A)));
    }

    private static List<KeyValuePair<string, object?>> Pairs(PeftAdapter adapter, Func<LowRankFactors, (Tensor A, Tensor B)> orient) =>
    [
        .. adapter.Sites.Select(site =>
        {
            var (a, b) = orient(site.Value);
            return new KeyValuePair<string, object?>(site.Key, new TorchTuple([a, b]));
        }),
    ];

    /// <summary>lora_B times whatever its scaling is beside 1/rank; in a wider type only where its own would round.</summary>
    private static Tensor Folded(LowRankFactors factors)
    {
        var rank = factors.A.shape[0];
        if (factors.Scaling == 1.0 / rank)
        {
            return factors.B;
        }

        var wide = factors.B.to(factors.B.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32).Times(factors.Scaling * rank);
        var narrow = wide.to(factors.B.dtype);
        return narrow.to(wide.dtype).equal(wide).all().item<bool>() ? narrow : wide;
    }

    private static bool IsNumber(string? text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number.ToString(CultureInfo.InvariantCulture) == text;
}
