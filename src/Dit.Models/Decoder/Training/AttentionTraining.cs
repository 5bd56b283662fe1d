using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Attention's way through a training step. Queries may be those of the last tokens only: where a layer's output is needed at no others, as in the last
/// layer, keys and values are all that the others are computed for.
/// </summary>
internal sealed class AttentionTraining(Attention attention, AttentionView view, Func<SiteLinear, SiteTraining> training)
{
    private readonly SiteTraining query = training(attention.Query), key = training(attention.Key), value = training(attention.Value), output = training(attention.Output);
    private HeadsTraining queries = null!, keys = null!;
    private Tensor mixed = null!;
    private MixingTraining mixing = null!;
    private long first;

    /// <summary>What the way back needs.</summary>
    internal IEnumerable<Tensor> Kept => [.. queries.Kept, .. keys.Kept, .. mixing.Kept, mixed, .. query.Kept, .. key.Kept, .. value.Kept, .. output.Kept];

    /// <summary>x [N,T,H] -> [N,T-first,H], for the tokens from the first on.</summary>
    internal Tensor Forward(Tensor x, long first)
    {
        this.first = first;
        var (rows, tokens) = (x.shape[0], x.shape[1]);
        // Without a mask the fused kernel takes the first query for that of the first token.
        var mask = first == 0 ? view.Mask : view.Mask?.narrow(2, first, tokens - first) ?? AttentionMasks.Causal(tokens, null, x.dtype, x.device, first);
        queries = new HeadsTraining(attention.QueryNorm, attention.NormsEachHead, attention.HeadCount, attention.HeadSize, view.Rotation, first);
        keys = new HeadsTraining(attention.KeyNorm, attention.NormsEachHead, attention.KeyHeadCount, attention.HeadSize, view.Rotation, first: 0);
        var q = queries.Forward(query.Forward(From(x)));
        var k = keys.Forward(key.Forward(x));
        var v = value.Forward(x).view(rows, tokens, attention.KeyHeadCount, attention.HeadSize);
        mixing = new MixingTraining(attention, mask, tokens);
        mixed = mixing.Forward(q, k, v).reshape(rows, tokens - first, -1);
        return output.Forward(mixed);
    }

    /// <summary>The gradient of x [N,T,H] from that of the output [N,T-first,H], or null where it is not asked for; x as on the way there.</summary>
    internal Tensor? Backward(Tensor gradient, Tensor x, bool needsInput)
    {
        var (q, k, v) = mixing.Backward(output.Backward(gradient, mixed));
        var (ofKeys, ofValues, ofQueries) = (keys.Backward(k), v.reshape(x.shape[0], x.shape[1], -1), queries.Backward(q));
        if (!needsInput)
        {
            key.Backward(ofKeys, x, null);
            value.Backward(ofValues, x, null);
            query.Backward(ofQueries, From(x), null);
            return null;
        }

        var sum = key.Backward(ofKeys, x);
        value.Backward(ofValues, x, sum);
        if (first == 0)
        {
            query.Backward(ofQueries, x, sum);
        }
        else
        {
            From(sum, copy: false).Plus_(query.Backward(ofQueries, From(x)));
        }

        return sum;
    }

    private Tensor From(Tensor x, bool copy = true) => first == 0 ? x : copy ? x.narrow(1, first, x.shape[1] - first).contiguous() : x.narrow(1, first, x.shape[1] - first);
}
