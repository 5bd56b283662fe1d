using Dit.Evaluation.Tables;
using Dit.LanguageModels;

namespace Dit.Evaluation.Experiments;

/// <summary>What an experiment gave, graded.</summary>
public sealed record ExperimentResults
{
    /// <summary>The experiment's name.</summary>
    public required string Experiment { get; init; }

    /// <summary>What it asks.</summary>
    public required string Question { get; init; }

    /// <summary>Where its files are.</summary>
    public required string Folder { get; init; }

    /// <summary>What the person chose.</summary>
    public required ExperimentSettings Settings { get; init; }

    /// <summary>The base's name.</summary>
    public required string Base { get; init; }

    /// <summary>The base's fingerprint.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>Where the behaviours came from.</summary>
    public required string Behaviours { get; init; }

    /// <summary>Names of the rows that every other is compared with.</summary>
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>The rows.</summary>
    public required IReadOnlyList<GradedCell> Cells { get; init; }

    /// <summary>A table of the experiment's own; null for that of the rows.</summary>
    public Table? OwnTable { get; init; }

    /// <summary>What the rows are, such as methods; the name of the first column.</summary>
    public required string RowsAre { get; init; }

    /// <summary>The graders with their best grades, in the order of columns.</summary>
    public required IReadOnlyDictionary<string, double> BestGrades { get; init; }

    /// <summary>Names of the graders, in the order of columns.</summary>
    public IReadOnlyList<string> Graders => [.. BestGrades.Keys];

    /// <summary>The best grade of a grader.</summary>
    public double Best(string grader) => BestGrades[grader];

    /// <summary>What rows are compared by: a judge's grade as in the paper where there is one, else the share of exact answers.</summary>
    public string Measure => Graders.FirstOrDefault(grader => Best(grader) > 1) ?? "exact";

    /// <summary>Rows beside each other, diff by diff.</summary>
    public IReadOnlyList<RowComparison> Comparisons => RowComparison.Of(Cells, References, Measure);

    /// <summary>How often a judge gave each grade, by row; empty where there was none.</summary>
    public IReadOnlyList<(string Row, Distribution Grades)> Judged =>
        [.. Cells.Where(cell => Measure != "exact" && cell.Grades.ContainsKey(Measure)).Select(cell => (cell.Cell.Name, Distribution.Of(cell.Grades[Measure])))];

    /// <summary>How the rows are drawn.</summary>
    public required Plotted Plot { get; init; }

    /// <summary>Seconds that each part took, whenever it was made; parts are shared between experiments.</summary>
    public required IReadOnlyDictionary<string, double> Parts { get; init; }

    /// <summary>What the judge did; null where there was none.</summary>
    public JudgeNotes? Judge { get; init; }

    /// <summary>Wall-clock time of this run.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seconds that everything took which it rests on.</summary>
    public double SecondsOfParts => Math.Round(Parts.Values.Sum(), 1);
}

/// <summary>What a judge did in a run.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Verdicts">Answers it was to grade.</param>
/// <param name="FailedToParse">Those of which no attempt gave a grade.</param>
/// <param name="GuessesFailed">Guesses that were no use in any attempt; they are graded as empty answers.</param>
/// <param name="Endpoint">Questions asked and known before, retries, tokens and cost.</param>
public sealed record JudgeNotes(string Model, long Verdicts, long FailedToParse, long GuessesFailed, EndpointReport Endpoint);
