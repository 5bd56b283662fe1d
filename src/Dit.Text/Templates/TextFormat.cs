using System.Globalization;
using System.Text;

namespace Dit.Text.Templates;

/// <summary>Python's two ways to fill values into a text, as far as templates use them.</summary>
internal static class TextFormat
{
    /// <summary><c>'%s has %d' % values</c>: %s, %r, %d, %i, %f, %x with width and precision, and %%.</summary>
    public static string Percent(string format, object values, Budget budget)
    {
        IReadOnlyList<object> list = values is SequenceValue { Kind: SequenceKind.Tuple } tuple ? tuple.Items : [values];
        var result = new StringBuilder();
        int used = 0;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }

            int start = ++i;
            while (i < format.Length && "-+ 0123456789.".Contains(format[i], StringComparison.Ordinal))
            {
                i++;
            }

            if (i >= format.Length)
            {
                throw new DitException("expected a letter behind '%', found the end of the format");
            }

            if (format[i] == '%')
            {
                result.Append('%');
                continue;
            }

            object value = used < list.Count ? list[used++] : throw new DitException("expected a value for each '%', found too few");
            result.Append(Filled(format[start..i], format[i], value, budget));
            Budget.Check(result.Length);
        }

        return used == list.Count || values is DictValue or SequenceValue { Kind: SequenceKind.List or SequenceKind.Range }
            ? budget.Made(result.ToString())
            : throw new DitException("expected a '%' for each value, found too few");
    }

    /// <summary><c>'{} {0} {name}'.format(values)</c>, without conversions and format specifications.</summary>
    public static object Braces(string format, Arguments arguments, Budget budget)
    {
        var result = new StringBuilder();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            char letter = format[i];
            if (letter is not ('{' or '}'))
            {
                result.Append(letter);
            }
            else if (i + 1 < format.Length && format[i + 1] == letter)
            {
                result.Append(letter);
                i++;
            }
            else
            {
                int end = letter == '{' ? format.IndexOf('}', i) : -1;
                string field = end < 0
                    ? throw new DitException("expected braces that match in a format, found a single one")
                    : format[(i + 1)..end];
                result.Append(PythonText.Of(Field(field, arguments, ref next), budget));
                i = end;
            }

            Budget.Check(result.Length);
        }

        return budget.Made(result.ToString());
    }

    private static object Field(string field, Arguments arguments, ref int next)
    {
        bool isPlace = int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out int place);
        if (field.Length == 0)
        {
            isPlace = true;
            place = next++;
        }

        object? value = isPlace ? arguments.Positional.ElementAtOrDefault(place) : arguments.Named.GetValueOrDefault(field);
        return value ?? throw new DitException("expected fields of a format that name an argument, found another");
    }

    private static string Filled(string flags, char letter, object value, Budget budget)
    {
        string[] sizes = flags.TrimStart('-', '+', ' ', '0').Split('.');
        int width = Size(sizes[0], 0);
        int precision = sizes.Length > 1 ? Size(sizes[1], 0) : -1;
        string text = letter switch
        {
            's' => Cut(PythonText.Of(value, budget), precision),
            'r' => Cut(PythonText.Quoted(value, budget), precision),
            'd' or 'i' or 'u' => Signed(flags, Whole(value).ToString(CultureInfo.InvariantCulture)),
            'x' => Signed(flags, PythonType.Integer(value).ToString("x", CultureInfo.InvariantCulture)),
            'f' => PythonType.IsNumber(value, out double number)
                ? Signed(flags, number.ToString("F" + (precision < 0 ? 6 : precision), CultureInfo.InvariantCulture))
                : throw PythonType.Unexpected("a number for '%f'", value),
            _ => throw new DitException($"expected a format that this program knows, found '%{letter}'"),
        };
        bool zeros = letter is not ('s' or 'r') && flags.TrimStart('+', ' ').StartsWith('0') && text.Length < width;
        int sign = zeros && text[0] is '-' or '+' or ' ' ? 1 : 0;
        return flags.Contains('-', StringComparison.Ordinal) ? text.PadRight(width)
            : zeros ? text[..sign] + text[sign..].PadLeft(width - sign, '0') : text.PadLeft(width);
    }

    private static long Whole(object value) => value switch
    {
        double number when Math.Abs(number) < long.MaxValue => (long)number,
        _ => PythonType.Integer(value),
    };

    private static string Signed(string flags, string digits) => digits.StartsWith('-') ? digits
        : flags.Contains('+', StringComparison.Ordinal) ? "+" + digits
        : flags.Contains(' ', StringComparison.Ordinal) ? " " + digits
        : digits;

    private static string Cut(string text, int length) => length >= 0 && length < text.Length ? text[..length] : text;

    private static int Size(string digits, int none)
    {
        if (digits.Length == 0)
        {
            return none;
        }

        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size <= 1000
            ? size
            : throw new DitException("expected a width of at most 1000 in a format, found another");
    }
}
