using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Dit.Text.Templates;

/// <summary>Values from outside, as a template sees them.</summary>
internal static class ImportedValues
{
    private const int MaxDepth = 100;

    // As many digits as Python reads.
    private const int MaxDigits = 4300;

    /// <summary>The template's value for one of .NET or JSON.</summary>
    /// <exception cref="DitException">There is none for its type, a text is not valid Unicode, or it nests too deep.</exception>
    public static object Of(object? value, Budget budget, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new DitException($"expected values of at most {MaxDepth} levels, found a deeper one");
        }

        return value switch
        {
            null => None.Value,
            string text => text,
            bool truth => truth,
            long or int or short or byte or sbyte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
            double or float => Convert.ToDouble(value, CultureInfo.InvariantCulture),
            Message message => OfMessage(message, budget),
            JsonElement json => OfJson(json, budget, depth),
            IEnumerable<KeyValuePair<string, object?>> entries =>
                Dict(entries.Select(e => (e.Key, Of(e.Value, budget, depth + 1))), budget),
            IEnumerable items => new SequenceValue([.. items.Cast<object?>().Select(item => Of(item, budget, depth + 1))]),
            _ => throw new DitException($"expected a variable that a template can use, found one of type {value.GetType().Name}"),
        };
    }

    private static DictValue OfMessage(Message message, Budget budget) =>
        Dict([("role", message.Role), ("content", message.Content)], budget);

    private static object OfJson(JsonElement json, Budget budget, int depth)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.String => json.GetString()!,
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number => Number(json),
                JsonValueKind.Array => new SequenceValue([.. json.EnumerateArray().Select(item => Of(item, budget, depth + 1))]),
                JsonValueKind.Object =>
                    Dict(json.EnumerateObject().Select(entry => (entry.Name, Of(entry.Value, budget, depth + 1))), budget),
                _ => None.Value,
            };
        }
        catch (InvalidOperationException error)
        {
            throw new DitException("expected texts of valid Unicode in JSON, found half of a surrogate pair", error);
        }
    }

    private static object Number(JsonElement json)
    {
        string digits = json.GetRawText();
        if (digits.AsSpan().IndexOfAny('.', 'e', 'E') >= 0)
        {
            return json.GetDouble();
        }

        if (json.TryGetInt64(out long integer))
        {
            return integer;
        }

        return digits.Length <= MaxDigits
            ? BigInteger.Parse(digits, CultureInfo.InvariantCulture)
            : throw new DitException($"expected integers of at most {MaxDigits} digits, found one of {digits.Length}");
    }

    private static DictValue Dict(IEnumerable<(string Key, object Value)> entries, Budget budget)
    {
        var dict = new DictValue();
        foreach ((string key, object value) in entries)
        {
            dict.Set(key, value, budget);
        }

        return dict;
    }
}
