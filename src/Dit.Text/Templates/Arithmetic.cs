using System.Text;

namespace Dit.Text.Templates;

/// <summary>Python's arithmetic, on numbers, texts and lists. Integers have 64 bits; what does not fit is an error.</summary>
internal static class Arithmetic
{
    public static object Apply(string symbol, object left, object right, Budget budget)
    {
        try
        {
            if (symbol == "+" && Join(left, right, budget) is { } joined)
            {
                return joined;
            }

            if (symbol == "*" && (Repeat(left, right, budget) ?? Repeat(right, left, budget)) is { } repeated)
            {
                return repeated;
            }

            if (symbol == "%" && left is string format)
            {
                return TextFormat.Percent(format, right, budget);
            }

            if (PythonType.IsInteger(left, out long i) && PythonType.IsInteger(right, out long j)
                && OfIntegers(symbol, i, j) is { } integer)
            {
                return integer;
            }

            if (PythonType.IsNumber(left, out double x) && PythonType.IsNumber(right, out double y))
            {
                return OfNumbers(symbol, x, y);
            }
        }
        catch (OverflowException error)
        {
            throw new DitException($"expected integers of at most 64 bits, found a larger result of '{symbol}'", error);
        }

        throw (left, right) switch
        {
            (Undefined, _) => PythonType.Unexpected($"values for '{symbol}'", left),
            (_, Undefined) => PythonType.Unexpected($"values for '{symbol}'", right),
            _ => new DitException(
                $"expected values that '{symbol}' is defined for, found {PythonType.Name(left)} and {PythonType.Name(right)}"),
        };
    }

    public static object Signed(string sign, object operand)
    {
        if (PythonType.IsInteger(operand, out long integer) && integer != long.MinValue)
        {
            return sign == "-" ? -integer : integer;
        }

        return operand is double number
            ? sign == "-" ? -number : number
            : throw PythonType.Unexpected($"a number behind the sign '{sign}'", operand);
    }

    private static object? Join(object left, object right, Budget budget)
    {
        switch (left, right)
        {
            case (string a, string b):
                budget.Make((long)a.Length + b.Length);
                return a + b;
            case (SequenceValue a, SequenceValue b) when a.Kind == b.Kind && a.Kind is SequenceKind.List or SequenceKind.Tuple:
                budget.MakeItems((long)a.Items.Count + b.Items.Count);
                return new SequenceValue([.. a.Items, .. b.Items], a.Kind);
            default:
                return null;
        }
    }

    private static object? Repeat(object repeated, object times, Budget budget)
    {
        if (!PythonType.IsInteger(times, out long count))
        {
            return null;
        }

        count = Math.Clamp(count, 0, Budget.MaxSize + 1);
        switch (repeated)
        {
            case string text:
                budget.Make(text.Length * count);
                return text.Length == 0 ? "" : new StringBuilder().Insert(0, text, (int)count).ToString();
            case SequenceValue { Kind: SequenceKind.List or SequenceKind.Tuple } sequence:
                budget.MakeItems(sequence.Items.Count * count);
                return new SequenceValue(
                    sequence.Items.Count == 0 ? [] : [.. Enumerable.Repeat(sequence.Items, (int)count).SelectMany(items => items)],
                    sequence.Kind);
            default:
                return null;
        }
    }

    private static object? OfIntegers(string symbol, long i, long j)
    {
        checked
        {
            return symbol switch
            {
                "+" => i + j,
                "-" => i - j,
                "*" => i * j,
                "//" when j == 0 => throw DividedByZero(symbol),
                "%" when j == 0 => throw DividedByZero(symbol),
                "//" => i / j - (i % j != 0 && (i < 0) != (j < 0) ? 1 : 0),
                "%" when j == -1 => 0L,
                "%" => (i % j) + (i % j != 0 && (i < 0) != (j < 0) ? j : 0),
                "**" when j >= 0 => Power(i, j),
                _ => null,
            };
        }
    }

    private static long Power(long number, long exponent)
    {
        long result = 1;
        for (long factor = number; exponent > 0; exponent >>= 1)
        {
            checked
            {
                result *= (exponent & 1) == 1 ? factor : 1;
                factor *= exponent > 1 ? factor : 1;
            }
        }

        return result;
    }

    private static object OfNumbers(string symbol, double x, double y) => symbol switch
    {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "/" or "//" or "%" when y == 0 => throw DividedByZero(symbol),
        "/" => x / y,
        "//" => Math.Floor(x / y),
        "%" => x - y * Math.Floor(x / y),
        "**" when x == 0 && y < 0 => throw DividedByZero(symbol),
        "**" when x < 0 && Math.Floor(y) != y => throw new DitException("expected a power that is a real number, found a complex one"),
        _ => Math.Pow(x, y),
    };

    private static DitException DividedByZero(string symbol) =>
        new($"expected a number other than zero on the right of '{symbol}', found zero");
}
