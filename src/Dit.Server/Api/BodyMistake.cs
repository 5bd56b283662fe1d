using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dit.Server.Safety;

namespace Dit.Server.Api;

/// <summary>What in a request's JSON is not as its type has it, said by the names that are sent.</summary>
internal static class BodyMistake
{
    /// <summary>The first mistake; null where none is found.</summary>
    /// <param name="body">The request.</param>
    /// <param name="type">What it was to be.</param>
    public static RefusedException? In(JsonElement body, Type type)
    {
        try
        {
            return In(body, ApiJson.Options.GetTypeInfo(type), path: null);
        }
        catch (InvalidOperationException)
        {
            return RefusedException.Bad("the body: expected strings of whole characters, found half of one");
        }
    }

    private static RefusedException? In(JsonElement found, JsonTypeInfo expected, string? path)
    {
        switch (expected.Kind, found.ValueKind)
        {
            case (JsonTypeInfoKind.Object, JsonValueKind.Object):
                return InFields(found, expected, path);
            case (JsonTypeInfoKind.Enumerable, JsonValueKind.Array):
                var elements = ApiJson.Options.GetTypeInfo(expected.ElementType!);
                return found.EnumerateArray().Select((each, i) => In(each, elements, $"{path}[{i}]")).FirstOrDefault(mistake => mistake is not null);
        }

        try
        {
            return found.ValueKind != JsonValueKind.Null && found.Deserialize(expected) is not null ? null : Wrong();
        }
        catch (JsonException)
        {
            // Of JSON that may be anything only a field that is there twice is refused.
            return expected.Type == typeof(JsonDocument) ? Bad(path, "expected every field once, found one again") : Wrong();
        }

        RefusedException Wrong() => Bad(path, $"expected {Words(expected)}, found {Printable.Line(found.GetRawText(), 80)}");
    }

    private static RefusedException? InFields(JsonElement found, JsonTypeInfo expected, string? path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in found.EnumerateObject())
        {
            if (expected.Properties.FirstOrDefault(each => each.Name == field.Name) is not { } known)
            {
                return Bad(Inside(field.Name), $"expected one of {string.Join(", ", expected.Properties.Select(each => each.Name))}, found an unknown field");
            }

            if (!seen.Add(field.Name))
            {
                return Bad(Inside(field.Name), "expected it once, found it again");
            }

            if (!(field.Value.ValueKind == JsonValueKind.Null && known.IsSetNullable) && In(field.Value, ApiJson.Options.GetTypeInfo(known.PropertyType), Inside(field.Name)) is { } mistake)
            {
                return mistake;
            }
        }

        return expected.Properties.FirstOrDefault(each => each.IsRequired && !seen.Contains(each.Name)) is { } missing
            ? Bad(Inside(missing.Name), $"expected {Words(ApiJson.Options.GetTypeInfo(missing.PropertyType))}, found none")
            : null;

        string Inside(string name) => path is null ? name : $"{path}.{name}";
    }

    private static RefusedException Bad(string? path, string sentence)
    {
        var field = path is null ? null : Printable.Line(path, 80);
        return RefusedException.Bad($"{field ?? "the body"}: {sentence}", field);
    }

    private static string Words(JsonTypeInfo expected) => (Nullable.GetUnderlyingType(expected.Type) ?? expected.Type) switch
    {
        var type when type == typeof(string) => "a string",
        var type when type == typeof(int) => $"a whole number of at most {int.MaxValue}",
        var type when type == typeof(ulong) => $"a whole number from 0 to {ulong.MaxValue}",
        var type when type == typeof(double) => "a number",
        _ => expected.Kind == JsonTypeInfoKind.Enumerable ? "a list" : "an object",
    };
}
