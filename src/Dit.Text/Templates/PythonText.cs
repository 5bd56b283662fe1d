using System.Globalization;
using System.Numerics;
using System.Text;

namespace Dit.Text.Templates;

/// <summary>Values as Python prints them, and Python's idea of white space.</summary>
internal static class PythonText
{
    /// <summary>A value as <c>{{ }}</c> prints it: Python's <c>str()</c>.</summary>
    public static string Of(object value, Budget budget)
    {
        if (value is string text)
        {
            return text;
        }

        var result = new StringBuilder();
        Append(result, value, budget, quoted: false);
        return budget.Made(result.ToString());
    }

    /// <summary>A value as it is printed inside of a list: Python's <c>repr()</c>.</summary>
    public static string Quoted(object value, Budget budget)
    {
        var result = new StringBuilder();
        Append(result, value, budget, quoted: true);
        return budget.Made(result.ToString());
    }

    public static bool IsSpace(char letter) => char.IsWhiteSpace(letter) || letter is >= '\x1c' and <= '\x1f';

    /// <summary>Whether a text is white space and nothing else; an empty one is not.</summary>
    public static bool IsSpace(ReadOnlySpan<char> text)
    {
        foreach (char letter in text)
        {
            if (!IsSpace(letter))
            {
                return false;
            }
        }

        return !text.IsEmpty;
    }

    public static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }

    public static string TrimStart(string text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    /// <summary>A floating-point number with the fewest digits that give it back, and at least one behind the point.</summary>
    public static string Of(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        string[] shortest = number.ToString("R", CultureInfo.InvariantCulture).Split('E');
        string sign = shortest[0].StartsWith('-') ? "-" : "";
        string mantissa = shortest[0].TrimStart('-');
        string all = mantissa.Replace(".", "", StringComparison.Ordinal);
        string digits = all.TrimStart('0');
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        int exponent = (point < 0 ? mantissa.Length : point) - 1 - (all.Length - digits.Length);
        exponent += shortest.Length > 1 ? int.Parse(shortest[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        digits = digits.TrimEnd('0');
        if (digits.Length == 0)
        {
            return sign + "0.0";
        }

        if (exponent is < -4 or >= 16)
        {
            string fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0)
        {
            return sign + "0." + new string('0', -exponent - 1) + digits;
        }

        digits = digits.PadRight(exponent + 2, '0');
        return sign + digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
    }

    private static void Append(StringBuilder result, object value, Budget budget, bool quoted)
    {
        budget.Step();
        switch (value)
        {
            case string text:
                budget.Read(text.Length);
                AppendString(result, text, quoted);
                break;
            case bool truth:
                result.Append(truth ? "True" : "False");
                break;
            case long number:
                result.Append(number);
                break;
            case BigInteger number:
                result.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                result.Append(Of(number));
                break;
            case None:
                result.Append("None");
                break;
            case Undefined:
                result.Append(quoted ? "Undefined" : "");
                break;
            case DictValue dict:
                AppendDict(result, dict, budget);
                break;
            case SequenceValue { Kind: not SequenceKind.Range } sequence:
                AppendSequence(result, sequence, budget);
                break;
            default:
                throw PythonType.Unexpected("a value that can be printed", value);
        }

        Budget.Check(result.Length);
    }

    private static void AppendSequence(StringBuilder result, SequenceValue sequence, Budget budget)
    {
        (string begin, string end) = sequence.Kind switch
        {
            SequenceKind.List => ("[", "]"),
            SequenceKind.Tuple => ("(", sequence.Items.Count == 1 ? ",)" : ")"),
            _ => (PythonType.Name(sequence) + "([", "])"),
        };
        result.Append(begin);
        for (int i = 0; i < sequence.Items.Count; i++)
        {
            result.Append(i > 0 ? ", " : "");
            Append(result, sequence.Items[i], budget, quoted: true);
        }

        result.Append(end);
    }

    private static void AppendDict(StringBuilder result, DictValue dict, Budget budget)
    {
        result.Append('{');
        string comma = "";
        foreach ((object key, object item) in dict.Entries)
        {
            result.Append(comma);
            Append(result, key, budget, quoted: true);
            result.Append(": ");
            Append(result, item, budget, quoted: true);
            comma = ", ";
        }

        result.Append('}');
    }

    private static void AppendString(StringBuilder result, string text, bool quoted)
    {
        if (!quoted)
        {
            result.Append(text);
            return;
        }

        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        result.Append(quote);
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\n': result.Append("\\n"); break;
                case '\r': result.Append("\\r"); break;
                case '\t': result.Append("\\t"); break;
                case '\\': result.Append("\\\\"); break;
                case int code when code == quote: result.Append('\\').Append(quote); break;
                case int code when IsPrintable(rune): result.Append(rune.ToString()); break;
                case < 0x100: result.Append($"\\x{rune.Value:x2}"); break;
                case < 0x10000: result.Append($"\\u{rune.Value:x4}"); break;
                default: result.Append($"\\U{rune.Value:x8}"); break;
            }
        }

        result.Append(quote);
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);
}
