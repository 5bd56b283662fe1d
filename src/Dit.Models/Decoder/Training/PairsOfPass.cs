using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>The pairs of a training step by site, and how they are multiplied.</summary>
internal sealed class PairsOfPass(IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> terms, long rows, ScalarType type, Device device) : IDisposable
{
    // The pairs of all rows side by side are one wide pair, of which each row takes its own part. That is one large product in place of many small
    // ones, worth it as long as the wide pair is narrow beside the layer.
    private const long WidestPart = 8;

    private readonly Dictionary<string, Tensor> scales = new(StringComparer.Ordinal);

    /// <summary>The pairs at sites with the same input, joined as far as they can be computed together.</summary>
    internal IEnumerable<JoinedPairs> Join(IReadOnlyList<SiteLinear> sites)
    {
        SitePair[] all = [.. sites.SelectMany((site, index) => terms.GetValueOrDefault(site.Name, []).Select(term => new SitePair(index, term)))];
        foreach (var joined in all.GroupBy(IsWide).OrderByDescending(joined => joined.Key))
        {
            SitePair[] here = [.. joined];
            yield return joined.Key ? new WidePairs(here, Scales(here, wide: true)) : new RowPairs(here, Scales(here, wide: false));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in scales.Values)
        {
            tensor.Dispose();
        }
    }

    private static bool IsWide(SitePair pair) => !pair.Term.OfRow || pair.Term.Rows * pair.Term.Rank * WidestPart <= pair.Term.A.shape[^1];

    /// <summary>[N,1,columns]: by what the reduced input is multiplied; in a wide pair by 0 where a column is another row's.</summary>
    private Tensor Scales(SitePair[] pairs, bool wide)
    {
        var key = wide + string.Join(';', pairs.Select(pair => $"{pair.Term.OfRow} {pair.Term.Rank} {pair.Term.Scaling:R} {string.Join(',', pair.Term.RowScalings ?? [])}"));
        if (!scales.TryGetValue(key, out var found))
        {
            var numbers = new List<double>();
            for (var row = 0; row < rows; row++)
            {
                foreach (var (_, term) in pairs)
                {
                    for (var pair = 0; pair < (wide ? term.Rows : 1); pair++)
                    {
                        numbers.AddRange(Enumerable.Repeat(!wide || !term.OfRow || pair == row ? term.RowScalings?[row] ?? term.Scaling : 0, (int)term.Rank));
                    }
                }
            }

            using var drawn = tensor(numbers.ToArray(), rows, 1, numbers.Count / rows);
            scales.Add(key, found = drawn.to(type, device).DetachFromDisposeScope());
        }

        return found;
    }
}

/// <summary>A pair and the number of its site among those with the same input.</summary>
internal readonly record struct SitePair(int Site, LowRankTerm Term);
