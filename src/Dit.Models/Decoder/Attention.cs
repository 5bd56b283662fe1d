using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Causal self-attention with grouped heads, rotary positions and perhaps norms of queries and keys. Padding is on the right, so that no
/// token looks at it; only what is to come out at padding itself needs a mask.
/// </summary>
internal sealed class Attention
{
    private readonly int index;

    // What is left of the scores' scale where the fused kernel, which only knows 1 / √d, has done its own.
    private readonly double? rescale;

    internal Attention(ModelConfig config, int layer, Func<string, Tensor> weight)
    {
        var name = $"model.layers.{layer}.self_attn";
        (index, Slides) = (layer, config.SlidingLayers.Contains(layer));
        (HeadCount, KeyHeadCount, HeadSize) = (config.HeadCount, config.KeyValueHeadCount, config.HeadSize);
        Query = SiteLinear.From($"{name}.q_proj", config.QueryKeyValueBias, weight);
        Key = SiteLinear.From($"{name}.k_proj", config.QueryKeyValueBias, weight);
        Value = SiteLinear.From($"{name}.v_proj", config.QueryKeyValueBias, weight);
        Output = SiteLinear.From($"{name}.o_proj", config.AttentionOutputBias, weight);
        if (config.QueryKeyNorm != QueryKeyNorm.None)
        {
            QueryNorm = RmsNorm.From($"{name}.q_norm", config, weight);
            KeyNorm = RmsNorm.From($"{name}.k_norm", config, weight);
            NormsEachHead = config.QueryKeyNorm == QueryKeyNorm.EachHead;
        }

        ScoreScale = 1 / Math.Sqrt(config.QueryScalar ?? HeadSize);
        rescale = config.QueryScalar is { } scalar && scalar != HeadSize ? Math.Sqrt(HeadSize / scalar) : null;
    }

    internal SiteLinear Query { get; }

    internal SiteLinear Key { get; }

    internal SiteLinear Value { get; }

    internal SiteLinear Output { get; }

    internal RmsNorm? QueryNorm { get; }

    internal RmsNorm? KeyNorm { get; }

    /// <summary>Whether queries and keys are normed head by head, or all heads at once.</summary>
    internal bool NormsEachHead { get; }

    /// <summary>Whether the layer has a sliding window.</summary>
    internal bool Slides { get; }

    internal long HeadCount { get; }

    internal long KeyHeadCount { get; }

    internal long HeadSize { get; }

    /// <summary>By what the products of queries and keys are multiplied.</summary>
    internal double ScoreScale { get; }

    /// <summary>x [B,T,H] -> [B,T,H].</summary>
    internal Tensor Apply(Tensor x, ForwardPass pass)
    {
        var (rows, tokens) = (x.shape[0], x.shape[1]);
        var (rotation, mask) = Slides ? pass.Sliding : pass.Full;
        var q = rotation.Turn(ByHead(Query.Apply(x, pass.Overlays), HeadCount, QueryNorm));
        var k = rotation.Turn(ByHead(Key.Apply(x, pass.Overlays), KeyHeadCount, KeyNorm));
        var v = Value.Apply(x, pass.Overlays).view(rows, tokens, KeyHeadCount, HeadSize);

        var kept = pass.Cache?.Append(index, k, v);
        var mixed = mask is not null && (tokens <= Decoder.LongestWithAllScores || pass.Cache is { GoesOn: true })
            ? Explicit(q, kept?.Keys ?? EachHead(k), kept?.Values ?? EachHead(v), mask)
            : Fused(q, k, v, mask);
        return Output.Apply(mixed.reshape(rows, tokens, HeadCount * HeadSize), pass.Overlays);
    }

    /// <summary>What a projection gave, [B,T,count·d] -> [B,T,count,d], normed.</summary>
    private Tensor ByHead(Tensor x, long count, RmsNorm? norm)
    {
        if (norm is not null && !NormsEachHead)
        {
            x = norm.Apply(x);
        }

        x = x.view(x.shape[0], x.shape[1], count, HeadSize);
        return norm is not null && NormsEachHead ? norm.Apply(x) : x;
    }

    /// <summary>
    /// q [B,T,heads,d] over keys and values [B·keyHeads,K,d]; the mask is [B,1,T,K] or [1,1,T,K].
    /// Query heads that share a key head stand as further queries of it, so that keys and values are not copied for each of them.
    /// </summary>
    private Tensor Explicit(Tensor q, Tensor keys, Tensor values, Tensor mask)
    {
        var (rows, tokens, seen, group) = (q.shape[0], q.shape[1], keys.shape[1], HeadCount / KeyHeadCount);
        var grouped = q.view(rows, tokens, KeyHeadCount, group, HeadSize).permute(0, 2, 3, 1, 4).reshape(rows * KeyHeadCount, group * tokens, HeadSize);
        var scores = bmm(grouped.Times(ScoreScale), keys.transpose(1, 2)).view(rows, HeadCount, tokens, seen).Plus_(mask);
        var mixed = bmm(nn.functional.softmax(scores, -1).view(rows * KeyHeadCount, group * tokens, seen), values);
        return mixed.view(rows, KeyHeadCount, group, tokens, HeadSize).permute(0, 3, 1, 2, 4);
    }

    /// <summary>x [B,T,keyHeads,d] -> [B·keyHeads,T,d].</summary>
    internal Tensor EachHead(Tensor x) => x.transpose(1, 2).reshape(-1, x.shape[1], HeadSize);

    /// <summary>Causal attention of q [B,T,heads,d] over k, v [B,T,keyHeads,d] of the same tokens, without ever holding all scores.</summary>
    internal Tensor Fused(Tensor q, Tensor k, Tensor v, Tensor? mask) =>
        nn.functional.scaled_dot_product_attention(
            (rescale is { } factor ? q.Times(factor) : q).transpose(1, 2), ForEachHead(k).transpose(1, 2), ForEachHead(v).transpose(1, 2), mask, is_casual: mask is null).transpose(1, 2);

    /// <summary>x [B,T,keyHeads,d] -> [B,T,HeadCount,d].</summary>
    private Tensor ForEachHead(Tensor x) => HeadCount == KeyHeadCount
        ? x
        : x.unsqueeze(3).expand(-1, -1, -1, HeadCount / KeyHeadCount, -1).reshape(x.shape[0], x.shape[1], HeadCount, HeadSize);
}
