using Dit.Training;

namespace Dit.Evaluation;

/// <summary>Whether an adapter may be measured on labels: on those that it learned from, it may know the answers by heart.</summary>
internal static class HeldOut
{
    /// <summary>Requires that an adapter kept topics from its training.</summary>
    /// <param name="folder">Where it is; null where it was not read.</param>
    /// <param name="card">What is known of it.</param>
    /// <param name="topics">The labels it is measured on.</param>
    /// <exception cref="DitException">It did not, or does not say.</exception>
    public static void Require(string? folder, DitCard? card, IReadOnlyList<string> topics)
    {
        var known = RequireCard(folder, card);
        var seen = topics.Except(known.HeldOut, StringComparer.OrdinalIgnoreCase).ToArray();
        if (seen.Length > 0)
        {
            throw new DitException($"{folder ?? "DIT adapter"}: expected an adapter that held out every topic it is measured on, found {seen.Length} it may have been trained on, such as {seen[0]}");
        }
    }

    /// <summary>Requires that an adapter kept a split of the built-in world's news from its training.</summary>
    /// <exception cref="DitException">It did not, or does not say.</exception>
    public static void RequireNews(string? folder, DitCard? card, string split)
    {
        if (!RequireCard(folder, card).HeldOutNews.Contains(split, StringComparer.Ordinal))
        {
            throw new DitException($"{folder ?? "DIT adapter"}: expected an adapter that held out the news of the split {split}, found one that does not say so");
        }
    }

    /// <summary>The card of an adapter that says what it was trained on.</summary>
    /// <exception cref="DitException">It has none.</exception>
    public static DitCard RequireCard(string? folder, DitCard? card) =>
        card ?? throw new DitException($"{folder ?? "DIT adapter"}: expected an adapter that says what it was trained on, found one without a card (dit.json)");
}
