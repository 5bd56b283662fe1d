using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Attention's way through a training step. Queries may be those of the last tokens only: where a layer's output is needed at no others, as in the last
/// layer, keys and values are all that the others are computed for.
/// </summary>
internal sealed class AttentionTraining(Attention attention, AttentionView view, PairsOfPass pairs, long first, TrainingMemory? memory)
{
    // The projections of queries and keys are kept where they are normed, those of values never.
    private readonly SitesTraining? all = first > 0 ? null : new(pairs, Query(attention, memory), Key(attention, memory), (attention.Value, null));
    private readonly SitesTraining? query = first > 0 ? new(pairs, Query(attention, memory)) : null;
    private readonly SitesTraining? keyValue = first > 0 ? new(pairs, Key(attention, memory), (attention.Value, null)) : null;
    private readonly SitesTraining output = new(pairs, (attention.Output, memory));
    private HeadsTraining queries = null!, keys = null!;
    private Tensor mixed = null!;
    private MixingTraining mixing = null!;

    /// <summary>What the way back needs.</summary>
    internal IEnumerable<Tensor> Kept => [.. queries.Kept, .. keys.Kept, .. mixing.Kept, mixed, .. new[] { all, query, keyValue, output }.SelectMany(sites => sites?.Kept ?? [])];

    /// <summary>x [N,T,H] -> [N,T-first,H], for the tokens from the first on.</summary>
    internal Tensor Forward(Tensor x)
    {
        var (rows, tokens) = (x.shape[0], x.shape[1]);
        // Without a mask the fused kernel takes the first query for that of the first token.
        var mask = first == 0 ? view.Mask : view.Mask?.narrow(2, first, tokens - first) ?? AttentionMasks.Causal(tokens, null, x.dtype, x.device, first);
        queries = new HeadsTraining(attention.QueryNorm, attention.NormsEachHead, attention.HeadCount, attention.HeadSize, view.Rotation, first);
        keys = new HeadsTraining(attention.KeyNorm, attention.NormsEachHead, attention.KeyHeadCount, attention.HeadSize, view.Rotation, first: 0);
        Tensor[] projected = all is not null ? all.Forward(x) : [.. query!.Forward(Last(x).contiguous()), .. keyValue!.Forward(x)];
        mixing = new MixingTraining(attention, mask, tokens, memory);
        mixed = mixing.Forward(queries.Forward(projected[0]), keys.Forward(projected[1]), projected[2].view(rows, tokens, attention.KeyHeadCount, attention.HeadSize))
            .reshape(rows, tokens - first, -1);
        return output.Forward(mixed)[0];
    }

    /// <summary>The gradient of x [N,T,H] from that of the output [N,T-first,H], or null where it is not asked for; x as on the way there.</summary>
    internal Tensor? Backward(Tensor gradient, Tensor x, bool needsInput)
    {
        var (q, k, v) = mixing.Backward(output.Backward([gradient], mixed)!);
        var (ofQueries, ofKeys, ofValues) = (queries.Backward(q), keys.Backward(k), v.view(x.shape[0], x.shape[1], -1));
        if (all is not null)
        {
            return all.Backward([ofQueries, ofKeys, ofValues], x, needsInput);
        }

        var sum = keyValue!.Backward([ofKeys, ofValues], x, needsInput);
        var ofLast = query!.Backward([ofQueries], Last(x).contiguous(), needsInput);
        if (sum is not null)
        {
            Last(sum).Plus_(ofLast!);
        }

        return sum;
    }

    private static (SiteLinear, TrainingMemory?) Query(Attention attention, TrainingMemory? memory) => (attention.Query, attention.QueryNorm is null ? null : memory);

    private static (SiteLinear, TrainingMemory?) Key(Attention attention, TrainingMemory? memory) => (attention.Key, attention.KeyNorm is null ? null : memory);

    private Tensor Last(Tensor x) => x.narrow(1, first, x.shape[1] - first);
}
