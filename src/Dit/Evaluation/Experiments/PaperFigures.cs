using System.Globalization;

namespace Dit.Evaluation.Experiments;

/// <summary>A number of the paper.</summary>
/// <param name="Experiment">Such as <c>hidden-topic</c>.</param>
/// <param name="Model">Such as <c>Qwen3-4B</c>.</param>
/// <param name="At">A method, or the value of what is varied.</param>
/// <param name="Measure"><see cref="PaperFigures.Mean"/> or <see cref="PaperFigures.Exact"/>.</param>
/// <param name="Value">The number.</param>
/// <param name="Source">Where it stands.</param>
public sealed record PaperFigure(string Experiment, string Model, string At, string Measure, double Value, string Source)
{
    /// <summary>The value as a share from 0 to 1 of what there is between the worst and the best, to stand on one axis with other measures.</summary>
    public double Share => Measure == PaperFigures.Mean ? (Value - 1) / 4 : Value / 100;
}

/// <summary>The paper's own numbers, to stand beside ours.</summary>
public static class PaperFigures
{
    /// <summary>Mean grade of a judge from 1 to 5.</summary>
    public const string Mean = "mean-1-5";

    /// <summary>How many of 100 answers are the label, whatever the case.</summary>
    public const string Exact = "exact-of-100";

    private const string Resource = "experiments/paper.tsv";

    private static readonly Lazy<IReadOnlyList<PaperFigure>> s_all = new(Read);

    /// <summary>All of them, in the order of the paper.</summary>
    public static IReadOnlyList<PaperFigure> All => s_all.Value;

    /// <summary>Those of one experiment; none where the paper has no such experiment.</summary>
    public static IReadOnlyList<PaperFigure> Of(string experiment) => [.. All.Where(figure => figure.Experiment == experiment)];

    private static List<PaperFigure> Read()
    {
        using var stream = typeof(PaperFigures).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The assembly lacks its data file {Resource}.");
        using var reader = new StreamReader(stream);
        // The first line that is no comment names the columns.
        return [.. reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#').Skip(1).Select(line => line.Split('\t'))
            .Select(cells => new PaperFigure(cells[0], cells[1], cells[2], cells[3], double.Parse(cells[4], CultureInfo.InvariantCulture), cells[5]))];
    }
}
