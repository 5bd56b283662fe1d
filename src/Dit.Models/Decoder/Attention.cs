using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Causal self-attention with grouped heads, a norm on every query and key, and rotary positions. Padding is on the
/// right, so that no token looks at it; only what is to come out at padding itself needs a mask.
/// </summary>
internal sealed class Attention(ModelConfig config, string name, Func<string, Tensor> weight)
{
    private readonly SiteLinear query = new($"{name}.q_proj", weight($"{name}.q_proj.weight"));
    private readonly SiteLinear key = new($"{name}.k_proj", weight($"{name}.k_proj.weight"));
    private readonly SiteLinear value = new($"{name}.v_proj", weight($"{name}.v_proj.weight"));
    private readonly SiteLinear output = new($"{name}.o_proj", weight($"{name}.o_proj.weight"));
    private readonly RmsNorm queryNorm = new(weight($"{name}.q_norm.weight"), config.NormEpsilon);
    private readonly RmsNorm keyNorm = new(weight($"{name}.k_norm.weight"), config.NormEpsilon);

    private readonly long heads = config.HeadCount;
    private readonly long keyHeads = config.KeyValueHeadCount;
    private readonly long size = config.HeadSize;

    /// <summary>x [B,T,H] -> [B,T,H].</summary>
    internal Tensor Apply(Tensor x, int layer, ForwardPass pass)
    {
        var (rows, tokens) = (x.shape[0], x.shape[1]);
        var q = pass.Rotation.Turn(queryNorm.Apply(query.Apply(x, pass.Overlays).view(rows, tokens, heads, size)));
        var k = pass.Rotation.Turn(keyNorm.Apply(key.Apply(x, pass.Overlays).view(rows, tokens, keyHeads, size)));
        var v = value.Apply(x, pass.Overlays).view(rows, tokens, keyHeads, size);

        Tensor mixed;
        if (pass.Cache is { } cache)
        {
            var (keys, values, mask) = cache.Append(layer, k, v);
            mixed = mask is null && pass.CausalMask is null ? Fused(q, k, v, null) : Explicit(q, keys, values, (mask ?? pass.CausalMask)!);
        }
        else
        {
            mixed = pass.CausalMask is { } mask && tokens <= Decoder.LongestWithAllScores
                ? Explicit(q, ByHead(k), ByHead(v), mask)
                : Fused(q, k, v, pass.CausalMask);
        }

        return output.Apply(mixed.reshape(rows, tokens, heads * size), pass.Overlays);
    }

    /// <summary>
    /// q [B,T,heads,d] over keys and values [B·keyHeads,K,d]; the mask, [B,1,T,K] or [1,1,T,K], is 0 where a token may look and -∞ where not.
    /// Query heads that share a key head stand as further queries of it, so that keys and values are not copied for each of them.
    /// </summary>
    private Tensor Explicit(Tensor q, Tensor keys, Tensor values, Tensor mask)
    {
        var (rows, tokens, seen, group) = (q.shape[0], q.shape[1], keys.shape[1], heads / keyHeads);
        var grouped = q.view(rows, tokens, keyHeads, group, size).permute(0, 2, 3, 1, 4).reshape(rows * keyHeads, group * tokens, size);
        var scores = bmm(grouped.mul(1 / Math.Sqrt(size)), keys.transpose(1, 2)).view(rows, heads, tokens, seen).add_(mask);
        var mixed = bmm(nn.functional.softmax(scores, -1).view(rows * keyHeads, group * tokens, seen), values);
        return mixed.view(rows, keyHeads, group, tokens, size).permute(0, 3, 1, 2, 4);
    }

    /// <summary>x [B,T,keyHeads,d] -> [B·keyHeads,T,d].</summary>
    private Tensor ByHead(Tensor x) => x.transpose(1, 2).reshape(-1, x.shape[1], size);

    /// <summary>Causal attention of q [B,T,heads,d] over k, v [B,T,keyHeads,d] of the same tokens, without ever holding all scores.</summary>
    private Tensor Fused(Tensor q, Tensor k, Tensor v, Tensor? mask) =>
        nn.functional.scaled_dot_product_attention(
            q.transpose(1, 2), ForEachHead(k).transpose(1, 2), ForEachHead(v).transpose(1, 2), mask, is_casual: mask is null).transpose(1, 2);

    private Tensor ForEachHead(Tensor x) => heads == keyHeads
        ? x
        : x.unsqueeze(3).expand(-1, -1, -1, heads / keyHeads, -1).reshape(x.shape[0], x.shape[1], heads, size);
}
