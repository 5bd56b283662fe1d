namespace Dit.Text.Tokenizers;

/// <summary>
/// Learns merges: over and over the most frequent pair of neighbours becomes one symbol; among equals the pair with the smaller
/// ids. Only words that hold the pair are looked at again, so the time goes with what changes and not with the text.
/// </summary>
internal sealed class MergeLearner
{
    private readonly List<string> symbols;
    private readonly Dictionary<string, int> ids;
    private readonly int[][] words;
    private readonly long[] counts;
    private readonly Dictionary<(int Left, int Right), Pair> pairs = [];
    private readonly PriorityQueue<(int Left, int Right), (long Count, int Left, int Right)> queue = new(
        Comparer<(long Count, int Left, int Right)>.Create((x, y) =>
            x.Count != y.Count ? y.Count.CompareTo(x.Count)
            : x.Left != y.Left ? x.Left.CompareTo(y.Left) : x.Right.CompareTo(y.Right)));

    /// <param name="alphabet">The symbols to start with; their places are their ids.</param>
    /// <param name="words">Words written in the alphabet, and how often each occurs.</param>
    public MergeLearner(IEnumerable<string> alphabet, IReadOnlyCollection<KeyValuePair<string, long>> words)
    {
        symbols = [.. alphabet];
        ids = symbols.Select((symbol, id) => (symbol, id)).ToDictionary(s => s.symbol, s => s.id);
        this.words = [.. words.Select(word => word.Key.Select(c => ids[c.ToString()]).ToArray())];
        counts = [.. words.Select(word => word.Value)];
        var changes = new Dictionary<(int Left, int Right), long>();
        for (var word = 0; word < this.words.Length; word++)
        {
            Count(word, +1, changes);
        }

        Apply(changes);
    }

    /// <summary>The symbols known now, the alphabet first; their places are their ids.</summary>
    public IReadOnlyList<string> Symbols => symbols;

    /// <summary>Learns merges until there are <paramref name="size"/> symbols or no pairs are left, and returns them in order.</summary>
    /// <param name="size">How many symbols there shall be.</param>
    /// <param name="forbidden">Symbols that no merge may make.</param>
    public List<(string Left, string Right)> Learn(int size, IReadOnlySet<string> forbidden)
    {
        var merges = new List<(string, string)>();
        while (symbols.Count < size && queue.TryDequeue(out var pair, out var priority))
        {
            var known = pairs[pair];
            if (known.Count != priority.Count)
            {
                // It has changed since it was put in; it comes back with the count it has now.
                Enqueue(pair, known.Count);
                continue;
            }

            var symbol = symbols[pair.Left] + symbols[pair.Right];
            if (!forbidden.Contains(symbol))
            {
                merges.Add((symbols[pair.Left], symbols[pair.Right]));
                Replace(pair, known, IdOf(symbol));
            }
        }

        return merges;
    }

    private int IdOf(string symbol)
    {
        if (!ids.TryGetValue(symbol, out var id))
        {
            id = symbols.Count;
            symbols.Add(symbol);
            ids.Add(symbol, id);
        }

        return id;
    }

    private void Replace((int Left, int Right) pair, Pair known, int id)
    {
        var changes = new Dictionary<(int Left, int Right), long>();
        foreach (var word in known.Words.Distinct())
        {
            var merged = Merged(words[word], pair, id);
            if (merged.Length < words[word].Length)
            {
                Count(word, -1, changes);
                words[word] = merged;
                Count(word, +1, changes);
            }
        }

        Apply(changes);
    }

    private static int[] Merged(int[] word, (int Left, int Right) pair, int id)
    {
        var merged = new List<int>(word.Length);
        for (var i = 0; i < word.Length; i++)
        {
            if (i + 1 < word.Length && word[i] == pair.Left && word[i + 1] == pair.Right)
            {
                merged.Add(id);
                i++;
            }
            else
            {
                merged.Add(word[i]);
            }
        }

        return [.. merged];
    }

    private void Count(int word, int sign, Dictionary<(int Left, int Right), long> changes)
    {
        var symbolsOfWord = words[word];
        for (var i = 0; i + 1 < symbolsOfWord.Length; i++)
        {
            var pair = (symbolsOfWord[i], symbolsOfWord[i + 1]);
            changes[pair] = changes.GetValueOrDefault(pair) + (sign * counts[word]);
            if (sign > 0)
            {
                if (!pairs.TryGetValue(pair, out var known))
                {
                    pairs[pair] = known = new Pair();
                }

                // The same word twice in a row is the common repetition; the rest is dropped when the pair is merged.
                if (known.Words.Count == 0 || known.Words[^1] != word)
                {
                    known.Words.Add(word);
                }
            }
        }
    }

    private void Apply(Dictionary<(int Left, int Right), long> changes)
    {
        foreach (var (pair, change) in changes)
        {
            var known = pairs[pair];
            known.Count += change;
            if (change > 0)
            {
                Enqueue(pair, known.Count);
            }
        }
    }

    private void Enqueue((int Left, int Right) pair, long count)
    {
        if (count > 0)
        {
            queue.Enqueue(pair, (count, pair.Left, pair.Right));
        }
    }

    private sealed class Pair
    {
        public long Count { get; set; }

        /// <summary>Every word that holds the pair, and some that held it once.</summary>
        public List<int> Words { get; } = [];
    }
}
