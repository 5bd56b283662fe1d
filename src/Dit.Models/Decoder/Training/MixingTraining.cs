using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Scores, softmax and mixing of values on their way through a training step, after the same two ways as <see cref="Attention"/>.</summary>
internal sealed class MixingTraining(Attention attention, Tensor? mask, long seen, TrainingMemory? memory)
{
    private readonly long heads = attention.HeadCount, keyHeads = attention.KeyHeadCount, size = attention.HeadSize;
    private readonly bool holdsAllScores = mask is not null && seen <= Decoder.LongestWithAllScores;

    // Queries, keys and values as they are multiplied, and the shares or, of the fused kernel, the mixed values.
    private Tensor q = null!, k = null!, v = null!, shares = null!;

    /// <summary>What the way back needs.</summary>
    internal IEnumerable<Tensor> Kept => [q, k, v, shares];

    /// <summary>q [N,T,heads,d] over k and v [N,seen,keyHeads,d] -> [N,T,...], heads one after another.</summary>
    internal Tensor Forward(Tensor queries, Tensor keys, Tensor values)
    {
        var (rows, tokens) = (queries.shape[0], queries.shape[1]);
        if (!holdsAllScores)
        {
            return Fused(queries, keys, values);
        }

        (q, k, v) = (Grouped(queries, rows, tokens, memory).Times_(attention.ScoreScale), EachHead(keys), EachHead(values));
        var scores = bmm(q, k.transpose(1, 2)).view(rows, heads, tokens, seen).Plus_(mask!);
        shares = nn.functional.softmax(scores, -1).view(rows * keyHeads, -1, seen);
        return Copy(Ungrouped(bmm(shares, v), rows, tokens), memory);
    }

    /// <summary>The gradients of queries, keys and values in their shapes of the way there, from that of the mixed values [N,T,heads·d].</summary>
    internal (Tensor Queries, Tensor Keys, Tensor Values) Backward(Tensor gradient)
    {
        var (rows, tokens) = (gradient.shape[0], gradient.shape[1]);
        if (!holdsAllScores)
        {
            var gradients = autograd.grad([shares], [q, k, v], [gradient.view(rows, tokens, heads, size)]);
            return (gradients[0].contiguous(), gradients[1].contiguous(), gradients[2].contiguous());
        }

        var mixed = Grouped(gradient.view(rows, tokens, heads, size), rows, tokens, null);
        var ofValues = bmm(shares.transpose(1, 2), mixed);
        // Of a softmax with shares p: p (g - Σ p g).
        var scores = bmm(mixed, v.transpose(1, 2)).mul_(shares);
        scores.PlusProduct_(shares, scores.sum(-1, keepdim: true), -1);
        var ofQueries = Copy(Ungrouped(bmm(scores, k).Times_(attention.ScoreScale), rows, tokens), null).view(rows, tokens, heads, size);
        return (ofQueries, FromEachHead(bmm(scores.transpose(1, 2), q), rows), FromEachHead(ofValues, rows));
    }

    // The fused kernel never holds all shares, and libtorch knows its way back.
    private Tensor Fused(Tensor queries, Tensor keys, Tensor values)
    {
        using var tracked = enable_grad();
        (q, k, v) = (queries.detach().requires_grad_(true), keys.detach().requires_grad_(true), values.detach().requires_grad_(true));
        shares = attention.Fused(q, k, v, mask);
        return shares.detach();
    }

    /// <summary>[N,T,heads,d] -> [N·keyHeads,group·T,d], a copy.</summary>
    private Tensor Grouped(Tensor x, long rows, long tokens, TrainingMemory? where) =>
        Copy(x.view(rows, tokens, keyHeads, heads / keyHeads, size).permute(0, 2, 3, 1, 4), where).view(rows * keyHeads, -1, size);

    /// <summary>And back, a view [N,T,keyHeads,group,d].</summary>
    private Tensor Ungrouped(Tensor x, long rows, long tokens) =>
        x.view(rows, keyHeads, heads / keyHeads, tokens, size).permute(0, 3, 1, 2, 4);

    /// <summary>[N,T,keyHeads,d] -> [N·keyHeads,T,d], a copy.</summary>
    private Tensor EachHead(Tensor x) => Copy(x.transpose(1, 2), memory).view(-1, seen, size);

    private static Tensor Copy(Tensor x, TrainingMemory? where) => TrainingMemory.New(where, x.shape, x).copy_(x);

    /// <summary>[N·keyHeads,seen,d] -> [N,seen,keyHeads,d].</summary>
    private Tensor FromEachHead(Tensor x, long rows) => x.view(rows, keyHeads, seen, size).transpose(1, 2).contiguous();
}
