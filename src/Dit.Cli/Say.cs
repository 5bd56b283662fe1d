using Spectre.Console;

namespace Dit.Cli;

/// <summary>
/// Everything that is printed for people passes here, so that nothing in it can command the terminal. Output for programs is
/// <see cref="Json"/>'s.
/// </summary>
internal static class Say
{
    private const int LongestName = 60;

    public static Style Bold { get; } = new(decoration: Decoration.Bold);

    public static Style Dim { get; } = new(decoration: Decoration.Dim);

    /// <summary>One line of pieces in their styles: wrapped and coloured on a terminal, left as it is in a file.</summary>
    public static void Line(params ReadOnlySpan<(string Text, Style? Style)> pieces)
    {
        var line = new Paragraph();
        var plain = new System.Text.StringBuilder();
        foreach (var (raw, style) in pieces)
        {
            var text = Printable.Line(raw);
            line.Append(text, style);
            plain.Append(text);
        }

        if (Console.IsOutputRedirected)
        {
            Console.WriteLine(plain.ToString());
        }
        else
        {
            AnsiConsole.Write(line);
            AnsiConsole.WriteLine();
        }
    }

    /// <summary>One line as it is, to be copied for instance.</summary>
    public static void Plain(string text) => Console.WriteLine(Printable.Line(text));

    /// <summary>A table of results, as it is written for people.</summary>
    public static void Table(Evaluation.Tables.Table results)
    {
        var table = new Table().AddColumns([.. results.Columns.Select((column, at) => new TableColumn(Markup.Escape(column.Name)) { NoWrap = at == 0 })]);
        foreach (var row in results.Rows)
        {
            table.AddRow([.. row.Select((cell, at) => Markup.Escape(Printable.Line(Evaluation.Tables.MarkdownTable.Shown(cell, results.Columns[at].Unit))))]);
        }

        AnsiConsole.Write(table);
    }

    /// <summary>What a model said, in its own lines.</summary>
    public static void Answer(string text) => Console.WriteLine(Printable.Lines(text));

    /// <summary>One line on standard error.</summary>
    public static void Error(string text) => Console.Error.WriteLine(Printable.Line(text));

    /// <summary>A name as a cell of a table.</summary>
    public static string Cell(string name) => Markup.Escape(Printable.Line(name, LongestName));

    /// <summary>With a capital at its start and a full stop at its end.</summary>
    public static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..] + (text.EndsWith('.') ? "" : ".");
}
