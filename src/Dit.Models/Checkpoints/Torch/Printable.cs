namespace Dit.Models.Checkpoints.Torch;

/// <summary>Text out of a file that may be hostile, as it may stand in a message on a terminal: short, on one line, without control characters.</summary>
internal static class Printable
{
    private const int Longest = 80;

    /// <summary>The text in quotes.</summary>
    public static string Text(string text)
    {
        var start = text.Length > Longest ? text[..Longest] + "…" : text;
        return $"'{string.Concat(start.Select(c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format ? '�' : c))}'";
    }
}
