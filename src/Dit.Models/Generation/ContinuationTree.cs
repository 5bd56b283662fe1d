namespace Dit.Models.Generation;

/// <summary>
/// Continuations of one text as a tree, in which what they begin with in common stands once. Its nodes are tokens after what is before them;
/// a forward pass has to read those that something follows, and gives the score of each from what was read before it.
/// </summary>
internal sealed class ContinuationTree
{
    private readonly List<Node> nodes = [];
    private readonly List<int> read = [];
    private readonly List<int> parents = [];
    private readonly List<(int Continuation, int Node)> ends = [];
    private readonly Dictionary<(int Parent, int Token), int> known = [];

    /// <summary>The tokens to be read, each behind the one it follows.</summary>
    internal IReadOnlyList<int> Read => read;

    /// <summary>Which read token each of them follows; -1 for the end of the text.</summary>
    internal IReadOnlyList<int> Parents => parents;

    /// <summary>What is scored: a token, and which read token it follows; -1 for the end of the text.</summary>
    internal IReadOnlyList<(int After, int Token)> Scored { get; private set; } = [];

    /// <summary>The continuations as few trees of at most so many tokens to be read, or a single longer continuation.</summary>
    internal static IReadOnlyList<ContinuationTree> Of(IReadOnlyList<int[]> continuations, int mostRead)
    {
        // In this order those with a common beginning come together.
        var order = Enumerable.Range(0, continuations.Count).Order(Comparer<int>.Create((a, b) => continuations[a].AsSpan().SequenceCompareTo(continuations[b]))).ToArray();
        var trees = new List<ContinuationTree>();
        ContinuationTree? tree = null;
        foreach (var i in order)
        {
            if (tree is null || tree.read.Count + tree.More(continuations[i]) > mostRead)
            {
                trees.Add(tree = new ContinuationTree());
            }

            tree.Add(i, continuations[i]);
        }

        foreach (var each in trees)
        {
            each.Scored = [.. each.nodes.Select(node => (node.Parent < 0 ? -1 : each.nodes[node.Parent].Place, node.Token))];
        }

        return trees;
    }

    /// <summary>The scores of whole continuations from those of <see cref="Scored"/>: each is told with its number.</summary>
    internal IEnumerable<(int Continuation, double Score)> Sums(IReadOnlyList<double> scores)
    {
        var sums = new double[nodes.Count];
        for (var at = 0; at < sums.Length; at++)
        {
            sums[at] = scores[at] + (nodes[at].Parent < 0 ? 0 : sums[nodes[at].Parent]);
        }

        return ends.Select(end => (end.Continuation, end.Node < 0 ? 0 : sums[end.Node]));
    }

    /// <summary>How many tokens more would have to be read with this one.</summary>
    private int More(int[] continuation)
    {
        var (node, more) = (-1, 0);
        for (var at = 0; at < continuation.Length - 1; at++)
        {
            if (node == int.MaxValue || !known.TryGetValue((node, continuation[at]), out node))
            {
                node = int.MaxValue;
            }

            more += node == int.MaxValue || nodes[node].Place < 0 ? 1 : 0;
        }

        return more;
    }

    private void Add(int number, int[] continuation)
    {
        var node = -1;
        foreach (var token in continuation)
        {
            if (node >= 0 && nodes[node].Place < 0)
            {
                nodes[node] = nodes[node] with { Place = read.Count };
                parents.Add(nodes[node].Parent < 0 ? -1 : nodes[nodes[node].Parent].Place);
                read.Add(nodes[node].Token);
            }

            if (!known.TryGetValue((node, token), out var next))
            {
                known[(node, token)] = next = nodes.Count;
                nodes.Add(new Node(token, node, -1));
            }

            node = next;
        }

        ends.Add((number, node));
    }

    /// <summary>A token, the node it follows, and its place among the tokens that are read; -1 where nothing follows it.</summary>
    private readonly record struct Node(int Token, int Parent, int Place);
}
