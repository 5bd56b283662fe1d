namespace Dit.Evaluation.Graders;

/// <summary>Where one diff's label stands.</summary>
/// <param name="Id">The diff.</param>
/// <param name="Label">Its label.</param>
/// <param name="Rank">1 where no other candidate is as likely.</param>
/// <param name="LogProbabilities">Of every candidate as the whole answer (natural logarithm), in the candidates' order.</param>
public sealed record RankedLabel(string Id, string Label, int Rank, IReadOnlyList<double> LogProbabilities);

/// <summary>Where the labels of many diffs stand among the same candidates.</summary>
/// <param name="Candidates">All labels that might have been answered.</param>
/// <param name="Ranked">One for each diff, in the order of the subjects.</param>
public sealed record LabelRanking(IReadOnlyList<string> Candidates, IReadOnlyList<RankedLabel> Ranked);
