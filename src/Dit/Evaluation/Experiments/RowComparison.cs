using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Experiments;

/// <summary>Two rows of an experiment on the diffs that both have.</summary>
/// <param name="Reference">The row that others are compared with.</param>
/// <param name="Other">Another row.</param>
/// <param name="Paired">The reference's grades less the other's.</param>
public sealed record RowComparison(string Reference, string Other, PairedComparison Paired)
{
    /// <summary>Each reference against every other row that has grades of the same diffs.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="references">Names of those that others are compared with.</param>
    /// <param name="measure">The grader.</param>
    public static IReadOnlyList<RowComparison> Of(IReadOnlyList<GradedCell> rows, IReadOnlyList<string> references, string measure) =>
    [
        .. from name in references
           let reference = rows.First(row => row.Cell.Name == name)
           from other in rows
           where !references.Contains(other.Cell.Name, StringComparer.Ordinal)
           let paired = Compared(reference, other, measure)
           where paired is not null
           select new RowComparison(name, other.Cell.Name, paired),
    ];

    /// <summary>All comparisons as a table.</summary>
    public static Table TableOf(IReadOnlyList<RowComparison> comparisons, Unit unit)
    {
        ArgumentNullException.ThrowIfNull(comparisons);
        return new Table(
            [new Column("row"), new Column("against"), new Column("diffs"), new Column("difference", unit), new Column("better", Unit.Share), new Column("equal", Unit.Share), new Column("worse", Unit.Share), new Column("p")],
            [.. comparisons.Select(each => (IReadOnlyList<TableCell>)
            [
                each.Reference, each.Other, (double)each.Paired.Count, TableCell.Of(each.Paired.Difference, each.Paired.Count), each.Paired.Better, each.Paired.Equal, each.Paired.Worse, each.Paired.PValue,
            ])]);
    }

    private static PairedComparison? Compared(GradedCell reference, GradedCell other, string measure)
    {
        // A row that only shows some of the reference's own answers again says nothing of two methods.
        if (!reference.Grades.TryGetValue(measure, out var own) || !other.Grades.TryGetValue(measure, out var others) || other.Cell.Answers.All(reference.Cell.Answers.Contains))
        {
            return null;
        }

        // The same diff, or where rows differ by their diffs, that of the same behaviour; the label is the same then, unless another was asked for.
        var places = other.Cell.Answers.Select((answer, i) => (Key: KeyOf(answer), i)).ToDictionary(each => each.Key, each => each.i);
        (int Own, int Other)[] both = [.. reference.Cell.Answers.Select((answer, i) => (i, places.GetValueOrDefault(KeyOf(answer), -1))).Where(pair => pair.Item2 >= 0 && own[pair.i] is not null && others[pair.Item2] is not null)];
        return both.Length == 0 ? null : PairedComparison.Of(
            [.. both.Select(pair => own[pair.Own])], [.. both.Select(pair => others[pair.Other])], [.. both.Select(pair => reference.Cell.Answers[pair.Own].Group)], GradedCell.Seed);
    }

    private static (ulong Seed, string Id) KeyOf(Answered answer) => (answer.Seed, answer.Subject.Id);
}
