using System.Globalization;
using System.Numerics;
using System.Text;

namespace Dit.Text.Templates;

/// <summary>
/// JSON as Python's <c>json.dumps</c> writes it, which is what <c>tojson</c> means in chat templates (Jinja's own filter
/// would escape for HTML).
/// </summary>
internal sealed class PythonJson
{
    private readonly StringBuilder _result = new();
    private readonly Budget _budget;
    private readonly string? _indent;
    private readonly string _comma;
    private readonly string _colon;
    private readonly bool _asciiOnly;
    private readonly bool _sortKeys;

    private PythonJson(Budget budget, string? indent, string comma, string colon, bool asciiOnly, bool sortKeys) =>
        (_budget, _indent, _comma, _colon, _asciiOnly, _sortKeys) = (budget, indent, comma, colon, asciiOnly, sortKeys);

    /// <summary>The filter <c>tojson(ensure_ascii, indent, separators, sort_keys)</c>.</summary>
    public static string Write(object value, Arguments arguments, Budget budget)
    {
        object?[] given = arguments.Bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        string? indent = given[1] switch
        {
            null or None => null,
            string text => text,
            object number => Spaces(PythonType.Integer(number), budget),
        };
        (string comma, string colon) = given[2] switch
        {
            null or None => (indent is null ? ", " : ",", ": "),
            SequenceValue { Items: [string first, string second] } => (first, second),
            object other => throw PythonType.Unexpected("two separators", other),
        };
        var writer = new PythonJson(
            budget, indent, comma, colon, PythonType.IsTrue(given[0] ?? false), PythonType.IsTrue(given[3] ?? false));
        writer.Append(value, 0);
        return budget.Made(writer._result.ToString());
    }

    private static string Spaces(long count, Budget budget)
    {
        budget.Make(count);
        return new string(' ', (int)Math.Max(count, 0));
    }

    private void Append(object value, int depth)
    {
        _budget.Step();
        switch (value)
        {
            case string text:
                AppendString(text);
                break;
            case SequenceValue { Kind: SequenceKind.List or SequenceKind.Tuple } sequence:
                AppendAll('[', ']', sequence.Items, depth, item => Append(item, depth + 1));
                break;
            case DictValue dict:
                AppendAll('{', '}', Sorted(dict), depth, entry =>
                {
                    AppendString(entry.Key as string ?? Scalar(entry.Key));
                    _result.Append(_colon);
                    Append(entry.Value, depth + 1);
                });
                break;
            default:
                _result.Append(Scalar(value));
                break;
        }

        Budget.Check(_result.Length);
    }

    private IEnumerable<KeyValuePair<object, object>> Sorted(DictValue dict) => _sortKeys
        ? Operators.Sort(dict.Entries, entry => entry.Key, reverse: false, _budget)
        : dict.Entries;

    private void AppendAll<T>(char begin, char end, IEnumerable<T> items, int depth, Action<T> append)
    {
        _result.Append(begin);
        bool any = false;
        foreach (T item in items)
        {
            _result.Append(any ? _comma : "");
            AppendLine(depth + 1);
            append(item);
            any = true;
        }

        if (any)
        {
            AppendLine(depth);
        }

        _result.Append(end);
    }

    private void AppendLine(int depth)
    {
        if (_indent is null)
        {
            return;
        }

        Budget.Check(_result.Length + (long)_indent.Length * depth);
        _result.Append('\n');
        for (int i = 0; i < depth; i++)
        {
            _result.Append(_indent);
        }
    }

    private static string Scalar(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        None => "null",
        long number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        double.NaN => "NaN",
        double.PositiveInfinity => "Infinity",
        double.NegativeInfinity => "-Infinity",
        double number => PythonText.Of(number),
        _ => throw PythonType.Unexpected("a value that JSON can hold", value),
    };

    private void AppendString(string text)
    {
        _budget.Read(text.Length);
        _result.Append('"');
        foreach (char letter in text)
        {
            switch (letter)
            {
                case '"': _result.Append("\\\""); break;
                case '\\': _result.Append("\\\\"); break;
                case '\n': _result.Append("\\n"); break;
                case '\r': _result.Append("\\r"); break;
                case '\t': _result.Append("\\t"); break;
                case '\b': _result.Append("\\b"); break;
                case '\f': _result.Append("\\f"); break;
                case < ' ': _result.Append($"\\u{(int)letter:x4}"); break;
                case > '~' when _asciiOnly: _result.Append($"\\u{(int)letter:x4}"); break;
                default: _result.Append(letter); break;
            }
        }

        _result.Append('"');
    }
}
