using System.Runtime.InteropServices;

namespace Dit.Text.Tokenizers.Model;

/// <summary>The merges of byte-pair encoding: over and over the merge learned first, leftmost first.</summary>
internal sealed class Merges
{
    // Below this looking for the best pair anew each time is quicker than keeping pairs in order.
    private const int Few = 48;

    private readonly Dictionary<SymbolPair, (int Rank, int Id)> table;

    /// <param name="table">The rank of every merge, and the symbol it makes.</param>
    public Merges(Dictionary<SymbolPair, (int Rank, int Id)> table) => this.table = table;

    /// <summary>Merges the symbols of one piece until nothing is left to merge.</summary>
    public void Apply(List<int> symbols)
    {
        var span = CollectionsMarshal.AsSpan(symbols);
        var left = span.Length <= Few ? ApplyToFew(span) : ApplyToMany(span);
        CollectionsMarshal.SetCount(symbols, left);
    }

    private int ApplyToFew(Span<int> symbols)
    {
        var count = symbols.Length;
        Span<int> ranks = stackalloc int[Few], made = stackalloc int[Few];
        for (var i = 0; i + 1 < count; i++)
        {
            (ranks[i], made[i]) = Find(symbols[i], symbols[i + 1]);
        }

        while (count > 1)
        {
            var at = 0;
            for (var i = 1; i + 1 < count; i++)
            {
                if (ranks[i] < ranks[at])
                {
                    at = i;
                }
            }

            if (ranks[at] == int.MaxValue)
            {
                break;
            }

            symbols[at] = made[at];
            symbols[(at + 2)..count].CopyTo(symbols[(at + 1)..]);
            ranks[(at + 2)..count].CopyTo(ranks[(at + 1)..]);
            made[(at + 2)..count].CopyTo(made[(at + 1)..]);
            count--;
            if (at + 1 < count)
            {
                (ranks[at], made[at]) = Find(symbols[at], symbols[at + 1]);
            }

            if (at > 0)
            {
                (ranks[at - 1], made[at - 1]) = Find(symbols[at - 1], symbols[at]);
            }
        }

        return count;
    }

    private (int Rank, int Id) Find(int left, int right) =>
        table.TryGetValue(new(left, right), out var merge) ? merge : (int.MaxValue, -1);

    private int ApplyToMany(Span<int> symbols)
    {
        // A linked list over the symbols; -1 marks one that its left neighbour swallowed.
        var count = symbols.Length;
        var (next, previous) = (new int[count], new int[count]);
        var waiting = new PriorityQueue<int, ulong>();
        for (var i = 0; i < count; i++)
        {
            (next[i], previous[i]) = (i + 1, i - 1);
            Propose(symbols, waiting, i - 1, i);
        }

        while (waiting.TryDequeue(out var id, out var priority))
        {
            var at = (int)(uint)priority;
            var swallowed = symbols[at] < 0 ? count : next[at];
            if (swallowed >= count || !table.TryGetValue(new(symbols[at], symbols[swallowed]), out var merge) || merge.Id != id)
            {
                // One of the two has been merged with another symbol since.
                continue;
            }

            symbols[at] = id;
            symbols[swallowed] = -1;
            next[at] = next[swallowed];
            if (next[at] < count)
            {
                previous[next[at]] = at;
            }

            Propose(symbols, waiting, previous[at], at);
            Propose(symbols, waiting, at, next[at]);
        }

        var left = 0;
        foreach (var symbol in symbols)
        {
            if (symbol >= 0)
            {
                symbols[left++] = symbol;
            }
        }

        return left;
    }

    private void Propose(Span<int> symbols, PriorityQueue<int, ulong> waiting, int first, int second)
    {
        if (first >= 0 && second < symbols.Length && table.TryGetValue(new(symbols[first], symbols[second]), out var merge))
        {
            waiting.Enqueue(merge.Id, ((ulong)(uint)merge.Rank << 32) | (uint)first);
        }
    }
}
