using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Causal self-attention with grouped heads, rotary positions and perhaps norms of queries and keys. Padding is on the right, so that no
/// token looks at it; only what is to come out at padding itself needs a mask.
/// </summary>
internal sealed class Attention
{
    private readonly SiteLinear query, key, value, output;
    private readonly RmsNorm? queryNorm, keyNorm;
    private readonly bool normsEachHead, slides;
    private readonly int index;
    private readonly long heads, keyHeads, size;

    // Of the scores; and what is left of it where the fused kernel, which only knows 1 / √d, has done its own.
    private readonly double scale;
    private readonly double? rescale;

    internal Attention(ModelConfig config, int layer, Func<string, Tensor> weight)
    {
        var name = $"model.layers.{layer}.self_attn";
        (index, slides) = (layer, config.SlidingLayers.Contains(layer));
        (heads, keyHeads, size) = (config.HeadCount, config.KeyValueHeadCount, config.HeadSize);
        query = SiteLinear.From($"{name}.q_proj", config.QueryKeyValueBias, weight);
        key = SiteLinear.From($"{name}.k_proj", config.QueryKeyValueBias, weight);
        value = SiteLinear.From($"{name}.v_proj", config.QueryKeyValueBias, weight);
        output = SiteLinear.From($"{name}.o_proj", config.AttentionOutputBias, weight);
        if (config.QueryKeyNorm != QueryKeyNorm.None)
        {
            queryNorm = RmsNorm.From($"{name}.q_norm", config, weight);
            keyNorm = RmsNorm.From($"{name}.k_norm", config, weight);
            normsEachHead = config.QueryKeyNorm == QueryKeyNorm.EachHead;
        }

        scale = 1 / Math.Sqrt(config.QueryScalar ?? size);
        rescale = config.QueryScalar is { } scalar && scalar != size ? Math.Sqrt(size / scalar) : null;
    }

    /// <summary>x [B,T,H] -> [B,T,H].</summary>
    internal Tensor Apply(Tensor x, ForwardPass pass)
    {
        var (rows, tokens) = (x.shape[0], x.shape[1]);
        var (rotation, mask) = slides ? pass.Sliding : pass.Full;
        var q = rotation.Turn(ByHead(query.Apply(x, pass.Overlays), heads, queryNorm));
        var k = rotation.Turn(ByHead(key.Apply(x, pass.Overlays), keyHeads, keyNorm));
        var v = value.Apply(x, pass.Overlays).view(rows, tokens, keyHeads, size);

        var kept = pass.Cache?.Append(index, k, v);
        var mixed = mask is not null && (tokens <= Decoder.LongestWithAllScores || pass.Cache is { GoesOn: true })
            ? Explicit(q, kept?.Keys ?? EachHead(k), kept?.Values ?? EachHead(v), mask)
            : Fused(q, k, v, mask);
        return output.Apply(mixed.reshape(rows, tokens, heads * size), pass.Overlays);
    }

    /// <summary>What a projection gave, [B,T,count·d] -> [B,T,count,d], normed.</summary>
    private Tensor ByHead(Tensor x, long count, RmsNorm? norm)
    {
        if (norm is not null && !normsEachHead)
        {
            x = norm.Apply(x);
        }

        x = x.view(x.shape[0], x.shape[1], count, size);
        return norm is not null && normsEachHead ? norm.Apply(x) : x;
    }

    /// <summary>
    /// q [B,T,heads,d] over keys and values [B·keyHeads,K,d]; the mask is [B,1,T,K] or [1,1,T,K].
    /// Query heads that share a key head stand as further queries of it, so that keys and values are not copied for each of them.
    /// </summary>
    private Tensor Explicit(Tensor q, Tensor keys, Tensor values, Tensor mask)
    {
        var (rows, tokens, seen, group) = (q.shape[0], q.shape[1], keys.shape[1], heads / keyHeads);
        var grouped = q.view(rows, tokens, keyHeads, group, size).permute(0, 2, 3, 1, 4).reshape(rows * keyHeads, group * tokens, size);
        var scores = bmm(grouped.Times(scale), keys.transpose(1, 2)).view(rows, heads, tokens, seen).Plus_(mask);
        var mixed = bmm(nn.functional.softmax(scores, -1).view(rows * keyHeads, group * tokens, seen), values);
        return mixed.view(rows, keyHeads, group, tokens, size).permute(0, 3, 1, 2, 4);
    }

    /// <summary>x [B,T,keyHeads,d] -> [B·keyHeads,T,d].</summary>
    private Tensor EachHead(Tensor x) => x.transpose(1, 2).reshape(-1, x.shape[1], size);

    /// <summary>Causal attention of q [B,T,heads,d] over k, v [B,T,keyHeads,d] of the same tokens, without ever holding all scores.</summary>
    private Tensor Fused(Tensor q, Tensor k, Tensor v, Tensor? mask) =>
        nn.functional.scaled_dot_product_attention(
            (rescale is { } factor ? q.Times(factor) : q).transpose(1, 2), ForEachHead(k).transpose(1, 2), ForEachHead(v).transpose(1, 2), mask, is_casual: mask is null).transpose(1, 2);

    /// <summary>x [B,T,keyHeads,d] -> [B,T,heads,d].</summary>
    private Tensor ForEachHead(Tensor x) => heads == keyHeads
        ? x
        : x.unsqueeze(3).expand(-1, -1, -1, heads / keyHeads, -1).reshape(x.shape[0], x.shape[1], heads, size);
}
