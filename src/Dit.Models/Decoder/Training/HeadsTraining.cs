using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>What is done to queries or keys between their projection and the scores, there and back: perhaps a norm, and the turning by position.</summary>
internal sealed class HeadsTraining(RmsNorm? norm, bool normsEachHead, long heads, long size, Rotation whole, long first)
{
    private Tensor? projected, scale;

    /// <summary>What the way back needs.</summary>
    internal IEnumerable<Tensor> Kept => norm is null ? [] : [projected!, scale!];

    /// <summary>x [N,T,heads·d] -> [N,T,heads,d], for the tokens from the first on.</summary>
    internal Tensor Forward(Tensor x)
    {
        var rotation = whole.From(first);
        if (norm is null)
        {
            return rotation.Turn(ByHead(x));
        }

        projected = normsEachHead ? ByHead(x) : x;
        scale = norm.Scale(projected);
        return rotation.Turn(ByHead(norm.Apply(projected, scale)));
    }

    /// <summary>The gradient of x [N,T,heads·d] from that of the turned heads [N,T,heads,d].</summary>
    internal Tensor Backward(Tensor gradient)
    {
        var flat = gradient.shape[0..2].Append(heads * size).ToArray();
        var back = whole.From(first).TurnBack(gradient);
        return (norm is null ? back : norm.InputGradient(back.view(projected!.shape), projected, scale!)).view(flat);
    }

    private Tensor ByHead(Tensor x) => x.view(x.shape[0], x.shape[1], heads, size);
}
