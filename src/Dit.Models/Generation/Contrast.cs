using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>
/// Contrastive decoding of a model with additions against the same model without them: log p + Strength · (log p - log q), p with and q
/// without, the formula of O'Brien and Lewis (2023, arXiv 2309.09117). Tokens that are not plausible in the first place never come: those
/// below Plausibility times the largest p, the cut-off of Li et al. (2022, arXiv 2210.15097), whose own score is log p - log q.
/// </summary>
/// <param name="Strength">How much the difference counts; 0 leaves only the cut-off.</param>
/// <param name="Plausibility">Above 0 and at most 1; at 1 only the likeliest token is left.</param>
public sealed record Contrast(double Strength = 1, double Plausibility = 0.1)
{
    /// <exception cref="DitException">A number makes no sense.</exception>
    internal void Check()
    {
        if (!double.IsFinite(Strength) || !(Plausibility > 0 && Plausibility <= 1))
        {
            throw new DitException($"generation: expected a finite Strength of the contrast and a Plausibility above 0 and at most 1, found {Strength} and {Plausibility}.");
        }
    }

    /// <summary>The contrasted scores [n,V] of those with and without additions; in full precision.</summary>
    internal Tensor Of(Tensor with, Tensor without)
    {
        using var scope = NewDisposeScope();
        var p = nn.functional.log_softmax(with.to(ScalarType.Float32), -1);
        var q = nn.functional.log_softmax(without.to(ScalarType.Float32), -1);
        var scores = p.Times(1 + Strength).sub_(q.Times_(Strength));
        return scores.Fill_(p.lt(p.amax([-1], keepdim: true).Plus(Math.Log(Plausibility))), double.NegativeInfinity).MoveToOuterDisposeScope();
    }
}
