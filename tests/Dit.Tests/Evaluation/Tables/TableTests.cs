using System.Globalization;
using CsvHelper;

namespace Dit.Evaluation.Tables;

public sealed class TableTests : IDisposable
{
    private static readonly Table s_table = new(
        [new Column("method"), new Column("Exact match", Unit.Share), new Column("paper, 1–5", Unit.Score)],
        [
            ["DIT | \"ours\"", TableCell.Of(new Interval(0.7566666666, 0.7, 0.81), 300), 4.76],
            ["20 questions\n<b>", TableCell.Empty, (double?)null],
            ["base, question", TableCell.Of(new Interval(0, 0, 0), 100), 1.2],
        ]);

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void For_people_it_is_aligned_and_rounded()
    {
        string[] lines =
        [
            "| method                  |         Exact match | paper, 1–5 |",
            "| ----------------------- | ------------------: | ---------: |",
            "| DIT \\| \"ours\"           | 75.7 % [70.0, 81.0] |       4.76 |",
            "| 20 questions\\\\u000a\\<b> |                     |            |",
            "| base, question          |    0.0 % [0.0, 0.0] |       1.20 |",
        ];
        Assert.Equal(string.Concat(lines.Select(line => line + "\n")), MarkdownTable.Text(s_table));
        MarkdownTable.Write(folder.File("table.md"), s_table);
        Assert.Equal(MarkdownTable.Text(s_table), File.ReadAllText(folder.File("table.md")));
    }

    [Fact]
    public void For_machines_every_number_has_a_column_of_its_own()
    {
        CsvTable.Write(folder.File("table.csv"), s_table);
        using var csv = new CsvReader(new StreamReader(folder.File("table.csv")), CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        Assert.Equal(["method", "exact_match_mean", "exact_match_low", "exact_match_high", "exact_match_n", "paper_1_5"], csv.HeaderRecord!);
        csv.Read();
        Assert.Equal(("DIT | \"ours\"", 0.7566666666, 300, "4.76"), (csv.GetField(0), csv.GetField<double>(1), csv.GetField<int>(4), csv.GetField(5)));
        csv.Read();
        Assert.Equal(("20 questions\n<b>", "", "", ""), (csv.GetField(0), csv.GetField(1), csv.GetField(4), csv.GetField(5)));
    }

    [Theory]
    [InlineData(0.99999, Unit.Share, "100.0 %")]
    [InlineData(-0.00001, Unit.Share, "0.0 %")]
    [InlineData(-0.05, Unit.Share, "-5.0 %")]
    [InlineData(4.755, Unit.Score, "4.76")]
    [InlineData(4660, Unit.Plain, "4660")]
    [InlineData(0.5, Unit.Plain, "0.5")]
    [InlineData(10, Unit.Plain, "10")]
    public void Numbers_for_people(double value, Unit unit, string expected) => Assert.Equal(expected, MarkdownTable.Shown(value, unit));

    [Fact]
    public void A_row_that_does_not_fit_its_columns_is_refused() => Assert.Throws<ArgumentException>(() => new Table([new Column("a")], [["x", "y"]]));

    [Fact]
    public void A_table_without_rows_has_its_head() => Assert.Equal("| a    |\n| ---- |\n", MarkdownTable.Text(new Table([new Column("a")], [])));

    public void Dispose() => folder.Dispose();
}
