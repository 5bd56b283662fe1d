using Spectre.Console;

namespace Dit.Cli;

/// <summary>Lines of text on standard output: wrapped and coloured on a terminal, left as they are in a file.</summary>
internal static class Say
{
    public static Style Bold { get; } = new(decoration: Decoration.Bold);

    public static Style Dim { get; } = new(decoration: Decoration.Dim);

    /// <summary>One line of pieces in their styles.</summary>
    public static void Line(params ReadOnlySpan<(string Text, Style? Style)> pieces)
    {
        var line = new Paragraph();
        var plain = new System.Text.StringBuilder();
        foreach (var (text, style) in pieces)
        {
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

    /// <summary>With a capital at its start and a full stop at its end.</summary>
    public static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..] + (text.EndsWith('.') ? "" : ".");
}
