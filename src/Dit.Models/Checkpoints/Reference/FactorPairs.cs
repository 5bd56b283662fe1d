using Dit.Models.Checkpoints.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Reference;

/// <summary>The reference's pairs of factors by module name, before it is known in which of its two orientations they are.</summary>
internal static class FactorPairs
{
    // Names go into messages.
    private const int LongestName = 250;

    /// <summary>Whether a dict holds nothing but pairs of tensors.</summary>
    public static bool AreIn(TorchDict dict) => dict.Entries.Count > 0 && dict.Entries.All(entry => entry.Key is string && Pair(entry.Value) is not null);

    /// <summary>All pairs, each two matrices of floating-point numbers.</summary>
    /// <exception cref="DitException">Something in the dict is no such pair.</exception>
    public static IReadOnlyDictionary<string, (TorchTensor A, TorchTensor B)> Read(string place, TorchDict dict)
    {
        var pairs = new Dictionary<string, (TorchTensor A, TorchTensor B)>(StringComparer.Ordinal);
        var used = new Dictionary<TorchStorage, long>();
        foreach (var (key, value) in dict.Entries)
        {
            var name = Printable.Text(key as string ?? $"{key}");
            if (key is not string site || site.Length > LongestName || site.Any(char.IsControl) || Pair(value) is not { } pair)
            {
                throw new DitException($"{place}: expected a pair of tensors (A, B) at {name}, found something else");
            }

            foreach (var factor in new[] { pair.A, pair.B })
            {
                if (factor.Shape is not [> 0, > 0] || !PeftFactors.IsFloating(factor.Type))
                {
                    throw new DitException($"{place}: expected matrices of floating-point numbers at {name}, found {factor.Type} [{string.Join(", ", factor.Shape)}]");
                }

                // Factors of one diff never share numbers, so all of them together are no larger than what they lie in.
                used[factor.Storage] = used.GetValueOrDefault(factor.Storage) + factor.Count;
                if (used[factor.Storage] > factor.Storage.Count)
                {
                    throw new DitException($"{place}: expected factors that each have numbers of their own, found some at {name} that share them");
                }
            }

            if (!pairs.TryAdd(WeightNames.Canonical(site), pair))
            {
                throw new DitException($"{place}: expected one pair for each layer, found two for {WeightNames.Canonical(site)}");
            }
        }

        return pairs;
    }

    /// <summary>The factors as this library keeps them.</summary>
    /// <param name="file">Where they lie.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="orient">Which of them is lora_A and which lora_B, and whether they are so transposed.</param>
    public static PeftAdapter Load(
        TorchFile file,
        IReadOnlyDictionary<string, (TorchTensor A, TorchTensor B)> pairs,
        Func<(TorchTensor A, TorchTensor B), (TorchTensor LoraA, TorchTensor LoraB, bool Transposed)> orient)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var sites = new Dictionary<string, LowRankFactors>(StringComparer.Ordinal);
        foreach (var (site, pair) in pairs)
        {
            var (loraA, loraB, transposed) = orient(pair);
            var (a, b) = (file.Load(loraA), file.Load(loraB));
            (a, b) = transposed ? (a.t().contiguous(), b.t().contiguous()) : (a, b);
            sites.Add(site, new LowRankFactors(a, b, 1.0 / a.shape[0]));
        }

        foreach (var factors in sites.Values)
        {
            factors.A.MoveToOuterDisposeScope();
            factors.B.MoveToOuterDisposeScope();
        }

        return new PeftAdapter("", sites);
    }

    private static (TorchTensor A, TorchTensor B)? Pair(object? value) =>
        value is TorchTuple { Items: [TorchTensor a, TorchTensor b] } ? (a, b) : null;
}
