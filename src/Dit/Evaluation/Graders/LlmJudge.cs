using Dit.Behaviours;
using Dit.LanguageModels;

namespace Dit.Evaluation.Graders;

/// <summary>What a judge did so far.</summary>
/// <param name="Verdicts">Answers it was to judge; empty ones, which are not worth a question, included.</param>
/// <param name="FailedToParse">Those of which no attempt gave a score.</param>
/// <param name="Endpoint">Questions asked, questions known before, tokens and cost, those of everybody else who uses the endpoint included.</param>
public sealed record JudgeReport(long Verdicts, long FailedToParse, EndpointReport Endpoint);

/// <summary>
/// A language model that says from 1 to 5 how near an answer comes to its label, as in the paper. Verdicts are kept in the endpoint's cache,
/// so the same pair is never judged twice; the endpoint stays its owner's.
/// </summary>
public sealed class LlmJudge(ChatEndpoint endpoint, Setting setting) : IGrader
{
    private const int Attempts = 3, Worst = 1;
    private long verdicts, failed;

    /// <inheritdoc />
    public string Name => "judge";

    /// <inheritdoc />
    public double Best => 5;

    /// <summary>What it did so far.</summary>
    public JudgeReport Report => new(Interlocked.Read(ref verdicts), Interlocked.Read(ref failed), endpoint.Report);

    /// <summary>A score from 1 to 5 for each pair; null where the judge's replies hold none. An empty answer gets the worst, unasked.</summary>
    /// <exception cref="DitException">The endpoint fails or its limit is reached; the verdicts so far stay in its cache.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<double?> Grade(IReadOnlyList<GradedPair> pairs, CancellationToken cancellation = default)
    {
        var grades = new double?[pairs.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = endpoint.Settings.Concurrency, CancellationToken = cancellation };
        // Graders are called by threads that own tensors and must not be left, so this one waits here.
        Parallel.ForAsync(0, pairs.Count, options, async (i, stop) => grades[i] = await JudgeAsync(pairs[i], stop)).GetAwaiter().GetResult();
        return grades;
    }

    private async Task<double?> JudgeAsync(GradedPair pair, CancellationToken cancellation)
    {
        Interlocked.Increment(ref verdicts);
        if (string.IsNullOrWhiteSpace(pair.Answer))
        {
            return Worst;
        }

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (Verdict.Parse(await endpoint.AskAsync(JudgePrompts.Verdict(setting, pair, attempt), cancellation)) is { } score)
            {
                return score;
            }
        }

        Interlocked.Increment(ref failed);
        return null;
    }
}
