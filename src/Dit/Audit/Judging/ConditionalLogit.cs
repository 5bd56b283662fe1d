using Dit.Evaluation.Methods;

namespace Dit.Audit.Judging;

/// <summary>A choice that was made: the features of each option, and which one it was; -1 stands for "nothing", whose features are zeros.</summary>
/// <param name="Options">Features by option.</param>
/// <param name="Chosen">Which option it was.</param>
internal sealed record Choice(IReadOnlyList<double[]> Options, int Chosen);

/// <summary>
/// Fits the weights of a softmax over options (McFadden's conditional logit) by Newton's method, with a ridge that keeps weights finite where options can be told
/// apart without error.
/// </summary>
internal static class ConditionalLogit
{
    private const int Steps = 40;

    /// <summary>The weights that make the choices likeliest, less half the ridge times their squares.</summary>
    /// <param name="choices">The choices.</param>
    /// <param name="features">How many features an option has.</param>
    /// <param name="ridge">The ridge.</param>
    public static double[] Fit(IReadOnlyList<Choice> choices, int features, double ridge)
    {
        var weights = new double[features];
        var objective = Objective(choices, weights, ridge);
        for (var step = 0; step < Steps; step++)
        {
            var (gradient, curvature) = Slope(choices, weights, ridge);
            var move = SmallSystem.Solve(curvature, gradient);
            // Newton's step is too long where the softmax saturates; half of it, and half again, until it helps.
            var (size, moved, reached) = (1.0, weights, objective);
            for (; size > 1e-6; size /= 2)
            {
                moved = [.. weights.Select((weight, i) => weight + (size * move[i]))];
                reached = Objective(choices, moved, ridge);
                if (reached > objective)
                {
                    break;
                }
            }

            if (reached - objective < 1e-14)
            {
                break;
            }

            (weights, objective) = (moved, reached);
        }

        return weights;
    }

    private static double Objective(IReadOnlyList<Choice> choices, double[] weights, double ridge) =>
        choices.Sum(choice => (choice.Chosen < 0 ? 0 : Sum(choice.Options[choice.Chosen], weights)) - Evidence.LogSum([0, .. choice.Options.Select(option => Sum(option, weights))]))
        - (ridge / 2 * weights.Sum(weight => weight * weight));

    private static (double[] Gradient, double[,] Curvature) Slope(IReadOnlyList<Choice> choices, double[] weights, double ridge)
    {
        var size = weights.Length;
        var (gradient, curvature) = (weights.Select(weight => -ridge * weight).ToArray(), new double[size, size]);
        for (var i = 0; i < size; i++)
        {
            curvature[i, i] = ridge;
        }

        foreach (var choice in choices)
        {
            double[] sums = [.. choice.Options.Select(option => Sum(option, weights))];
            var total = Evidence.LogSum([0, .. sums]);
            var (mean, squares) = (new double[size], new double[size, size]);
            for (var option = 0; option < sums.Length; option++)
            {
                var (probability, own) = (Math.Exp(sums[option] - total), choice.Options[option]);
                for (var i = 0; i < size; i++)
                {
                    // Of most options half the features are those of the other setting.
                    if (own[i] == 0)
                    {
                        continue;
                    }

                    mean[i] += probability * own[i];
                    for (var j = 0; j <= i; j++)
                    {
                        squares[i, j] += probability * own[i] * own[j];
                    }
                }
            }

            for (var i = 0; i < size; i++)
            {
                gradient[i] += (choice.Chosen < 0 ? 0 : choice.Options[choice.Chosen][i]) - mean[i];
                for (var j = 0; j <= i; j++)
                {
                    curvature[i, j] += squares[i, j] - (mean[i] * mean[j]);
                    curvature[j, i] = curvature[i, j];
                }
            }
        }

        return (gradient, curvature);
    }

    private static double Sum(double[] features, double[] weights)
    {
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += features[i] * weights[i];
        }

        return sum;
    }
}
