using System.Globalization;
using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Plots;

/// <summary>How often a judge gave each grade, for one or more methods.</summary>
public static class GradeChart
{
    /// <summary>A group of bars for each grade, best first, and one for verdicts that failed to parse where there are any.</summary>
    public static BarChart Of(string title, IReadOnlyList<(string Method, Distribution Grades)> methods)
    {
        var best = methods.Select(method => method.Grades.Counts.Count).DefaultIfEmpty().Max();
        var groups = Enumerable.Range(1, best).Reverse().Select(grade => new BarGroup(grade.ToString(CultureInfo.InvariantCulture), [.. methods.Select(method => Exactly(method.Grades.Share(grade)))]));
        return new BarChart
        {
            Title = title,
            ValueTitle = "share of verdicts",
            Unit = Unit.Share,
            Series = [.. methods.Select(method => method.Method)],
            Groups = methods.Any(method => method.Grades.Failed > 0) ? [.. groups, new BarGroup("not parsed", [.. methods.Select(method => Exactly(method.Grades.FailedShare))])] : [.. groups],
        };
    }

    private static Bar Exactly(double value) => new(new Interval(value, value, value));
}
