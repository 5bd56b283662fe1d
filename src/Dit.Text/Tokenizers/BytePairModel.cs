namespace Dit.Text.Tokenizers;

/// <summary>
/// Byte-pair encoding of one piece: its characters, then over and over the merge learned first, leftmost first.
/// Characters that the vocabulary lacks are left out, as Hugging Face does where there is no unknown token.
/// </summary>
internal sealed class BytePairModel
{
    private readonly Dictionary<string, int> vocabulary;
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> merges = [];
    private readonly bool ignoreMerges;

    /// <param name="vocabulary">Token to id.</param>
    /// <param name="merges">In the order learned; both parts and what they make must be in the vocabulary.</param>
    /// <param name="ignoreMerges">A piece that is a token of its own is that token even where no merges lead there.</param>
    public BytePairModel(Dictionary<string, int> vocabulary, IEnumerable<(int Left, int Right, int Id)> merges, bool ignoreMerges)
    {
        this.vocabulary = vocabulary;
        this.ignoreMerges = ignoreMerges;
        foreach (var (left, right, id) in merges)
        {
            this.merges[(left, right)] = (this.merges.Count, id);
        }
    }

    public int[] Encode(string piece)
    {
        if (ignoreMerges && vocabulary.TryGetValue(piece, out var whole))
        {
            return [whole];
        }

        var ids = new List<int>(piece.Length);
        var characters = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var i = 0; i < piece.Length;)
        {
            var length = char.IsHighSurrogate(piece[i]) && i + 1 < piece.Length ? 2 : 1;
            if (characters.TryGetValue(piece.AsSpan(i, length), out var id))
            {
                ids.Add(id);
            }

            i += length;
        }

        return Merge([.. ids]);
    }

    private int[] Merge(int[] ids)
    {
        // A linked list over the symbols; -1 as id marks one that was swallowed by its left neighbour.
        var next = new int[ids.Length];
        var previous = new int[ids.Length];
        var waiting = new PriorityQueue<(int At, int Left, int Right), (int Rank, int At)>();
        for (var i = 0; i < ids.Length; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            Propose(i - 1, i);
        }

        var left = ids.Length;
        while (waiting.TryDequeue(out var pair, out _))
        {
            var at = pair.At;
            if (ids[at] != pair.Left || next[at] >= ids.Length || ids[next[at]] != pair.Right)
            {
                continue;
            }

            var swallowed = next[at];
            ids[at] = merges[(pair.Left, pair.Right)].Id;
            ids[swallowed] = -1;
            next[at] = next[swallowed];
            if (next[at] < ids.Length)
            {
                previous[next[at]] = at;
            }

            left--;
            Propose(previous[at], at);
            Propose(at, next[at]);
        }

        return left == ids.Length ? ids : [.. ids.Where(id => id >= 0)];

        void Propose(int first, int second)
        {
            if (first >= 0 && second < ids.Length && merges.TryGetValue((ids[first], ids[second]), out var merge))
            {
                waiting.Enqueue((first, ids[first], ids[second]), (merge.Rank, first));
            }
        }
    }
}
