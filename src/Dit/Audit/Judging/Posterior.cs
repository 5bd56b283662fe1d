using Dit.Evaluation.Methods;

namespace Dit.Audit.Judging;

/// <summary>How likely each option is, and "nothing", by what the adapter says and by what the finetune does.</summary>
/// <param name="Options">All options but "nothing".</param>
/// <param name="Probabilities">Theirs.</param>
/// <param name="Nothing">The probability of "nothing".</param>
internal sealed record Posterior(IReadOnlyList<Option> Options, IReadOnlyList<double> Probabilities, double Nothing)
{
    /// <summary>The likeliest option; null where there is none.</summary>
    public (Option Option, double Probability)? Best => Options.Count == 0 ? null : Enumerable.Range(0, Options.Count).MaxBy(i => Probabilities[i]) is var best ? (Options[best], Probabilities[best]) : null;

    /// <summary>A softmax over the weighted sums of features; "nothing" has the sum 0.</summary>
    public static Posterior Of(IReadOnlyList<Option> options, IReadOnlyList<double> weights)
    {
        double[] sums = [.. options.Select(option => option.Features.Zip(weights, (feature, weight) => feature * weight).Sum())];
        var total = Evidence.LogSum([.. sums, 0]);
        return new Posterior(options, [.. sums.Select(sum => Math.Exp(sum - total))], Math.Exp(-total));
    }
}
