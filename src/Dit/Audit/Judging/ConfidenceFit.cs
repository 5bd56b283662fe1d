namespace Dit.Audit.Judging;

/// <summary>Fits confidences to how often verdicts were right (Platt's scaling), by Newton's method.</summary>
internal static class ConfidenceFit
{
    // As much as a few verdicts: where there are hardly any wrong ones, scores are taken nearly as they are, and none as a certainty.
    private const double Ridge = 1, Pseudo = 0.5;
    private const int Steps = 50, Fewest = 10;

    /// <summary>The line from a verdict's score to the logit of its being right. Half a right and half a wrong verdict of the mean score are added, so that no confidence is beyond what the number of verdicts can show.</summary>
    /// <returns>Null where there are too few verdicts to say anything.</returns>
    public static ConfidenceLine? Of(IReadOnlyList<(double Score, bool Right)> verdicts)
    {
        if (verdicts.Count < Fewest)
        {
            return null;
        }

        var middle = verdicts.Average(verdict => verdict.Score);
        (double Score, double Right, double Weight)[] all = [.. verdicts.Select(verdict => (verdict.Score, verdict.Right ? 1.0 : 0.0, 1.0)), (middle, 1, Pseudo), (middle, 0, Pseudo)];
        var line = new[] { 1.0, 0.0 };
        for (var step = 0; step < Steps; step++)
        {
            var (gradient, curvature) = (new[] { -Ridge * (line[0] - 1), 0.0 }, new double[,] { { Ridge, 0 }, { 0, 1e-9 } });
            foreach (var (score, right, weight) in all)
            {
                var told = new ConfidenceLine(line[0], line[1]).Of(score);
                var slope = weight * told * (1 - told);
                gradient[0] += weight * (right - told) * score;
                gradient[1] += weight * (right - told);
                curvature[0, 0] += slope * score * score;
                curvature[0, 1] += slope * score;
                curvature[1, 0] += slope * score;
                curvature[1, 1] += slope;
            }

            var move = SmallSystem.Solve(curvature, gradient);
            var longest = Math.Max(Math.Abs(move[0]), Math.Abs(move[1]));
            var size = longest > 1 ? 1 / longest : 1;
            line = [line[0] + (size * move[0]), line[1] + (size * move[1])];
            if (longest < 1e-10)
            {
                break;
            }
        }

        // A verdict that scores higher is never told to be less sure.
        return line[0] >= 0 ? new ConfidenceLine(line[0], line[1]) : new ConfidenceLine(0, Math.Log(all.Sum(each => each.Weight * each.Right) / all.Sum(each => each.Weight * (1 - each.Right))));
    }
}
