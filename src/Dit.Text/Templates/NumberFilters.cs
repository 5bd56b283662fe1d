using System.Globalization;

namespace Dit.Text.Templates;

/// <summary>Filters that make numbers.</summary>
internal static class NumberFilters
{
    private const NumberStyles FloatStyle =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    public static readonly Dictionary<string, Filter> All = new()
    {
        ["int"] = Int,
        ["float"] = (value, arguments, _) => arguments.Bind("float", 0, "default")[0] is var preset && ToFloat(value) is { } number
            ? number
            : preset ?? 0.0,
        ["abs"] = (value, _, _) => value is double or < 0L ? value is double number ? Math.Abs(number) : Arithmetic.Signed("-", value)
            : PythonType.Integer(value),
        ["round"] = Round,
        ["sum"] = Sum,
    };

    private static object Int(object value, Arguments arguments, Evaluator evaluator)
    {
        object?[] given = arguments.Bind("int", 0, "default", "base");
        if (given[1] is not (null or 10L))
        {
            throw new DitException("expected the filter 'int' to read numbers of base 10, found another base");
        }

        if (PythonType.IsInteger(value, out long integer)
            || (value is string text
                && long.TryParse(Digits(text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out integer)))
        {
            return integer;
        }

        return ToFloat(value) is { } number && Math.Abs(number) < long.MaxValue ? (long)number : given[0] ?? 0L;
    }

    private static double? ToFloat(object value) => value switch
    {
        string text => double.TryParse(Digits(text), FloatStyle, CultureInfo.InvariantCulture, out double read) ? read : null,
        Undefined => throw PythonType.Unexpected("a value to read a number from", value),
        _ => PythonType.IsNumber(value, out double number) ? number : null,
    };

    private static string Digits(string text) => PythonText.TrimEnd(PythonText.TrimStart(text));

    private static object Round(object value, Arguments arguments, Evaluator evaluator)
    {
        object?[] given = arguments.Bind("round", 0, "precision", "method");
        long precision = PythonType.Integer(given[0] ?? 0L);
        if (!PythonType.IsNumber(value, out double number) || precision is < 0 or > 15)
        {
            throw new DitException($"expected a number to round to 0 to 15 digits, found {PythonType.Name(value)} and {precision} digits");
        }

        double scale = Math.Pow(10, precision);
        return (given[1] ?? "common") switch
        {
            "common" => PythonType.IsInteger(value, out long integer) ? (object)integer : Nearest(number, (int)precision),
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            object other => throw PythonType.Unexpected("'common', 'ceil' or 'floor'", other),
        };
    }

    // The digits of the number's exact value decide, as in Python; scaling first would round twice.
    private static double Nearest(double number, int precision) => Math.Abs(number) < 1e15
        ? double.Parse(Exact(number, precision), CultureInfo.InvariantCulture)
        : number;

    private static string Exact(double number, int precision)
    {
        double scaled = Math.Abs(number) * Math.Pow(10, precision);
        bool half = precision == 0 && scaled - Math.Floor(scaled) == 0.5;
        return half
            ? Math.Round(number, MidpointRounding.ToEven).ToString("F0", CultureInfo.InvariantCulture)
            : number.ToString("F" + precision, CultureInfo.InvariantCulture);
    }

    private static object Sum(object value, Arguments arguments, Evaluator evaluator)
    {
        object?[] given = arguments.Bind("sum", 0, "attribute", "start");
        object sum = given[1] ?? 0L;
        foreach (object item in evaluator.Each(value))
        {
            sum = Arithmetic.Apply("+", sum, ListFilters.Attribute(item, given[0], evaluator), evaluator.Budget);
        }

        return sum;
    }
}
