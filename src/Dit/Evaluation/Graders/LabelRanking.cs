namespace Dit.Evaluation.Graders;

/// <summary>Where one diff's label stands.</summary>
/// <param name="Id">The diff.</param>
/// <param name="Label">Its label.</param>
/// <param name="Rank">1 where no other candidate is as likely.</param>
/// <param name="LogProbabilities">Of every candidate as the whole answer (natural logarithm), in the candidates' order.</param>
public sealed record RankedLabel(string Id, string Label, int Rank, IReadOnlyList<double> LogProbabilities);

/// <summary>Where the labels of many diffs stand among the same candidates. Intervals are over labels, and every number a share from 0 to 1.</summary>
/// <param name="Candidates">All labels that might have been answered.</param>
/// <param name="Ranked">One for each diff, in the order of the subjects.</param>
public sealed record LabelRanking(IReadOnlyList<string> Candidates, IReadOnlyList<RankedLabel> Ranked)
{
    /// <summary>One over the rank; chance is the mean of 1, 1/2, …, 1/n over n candidates.</summary>
    public Interval MeanReciprocalRank => Mean(each => 1.0 / each.Rank);

    /// <summary>How many labels are among the first <paramref name="count"/>; chance is that over the number of candidates.</summary>
    public Interval InTop(int count) => Mean(each => each.Rank <= count ? 1 : 0);

    private Interval Mean(Func<RankedLabel, double> value) => Interval.Bootstrap([.. Ranked.Select(value)], [.. Ranked.Select(each => each.Label)], seed: 0);
}
