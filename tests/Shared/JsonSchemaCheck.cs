using System.Text.Json.Nodes;

namespace Dit;

/// <summary>Does JSON fit a schema? Knows the words that our schemas use, and refuses a schema with any other.</summary>
internal sealed class JsonSchemaCheck(JsonNode schema)
{
    private static readonly HashSet<string> s_words = new(StringComparer.Ordinal)
    {
        "$schema", "$defs", "$ref", "title", "description", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "minimum",
    };

    /// <summary>Reads a schema.</summary>
    public static JsonSchemaCheck Read(string path) => new(JsonNode.Parse(File.ReadAllText(path))!);

    /// <summary>Everything that does not fit, each with its place; nothing where all fits.</summary>
    public IReadOnlyList<string> Misfits(JsonNode? value) => [.. Misfits(value, schema, "$")];

    private IEnumerable<string> Misfits(JsonNode? value, JsonNode rule, string place)
    {
        foreach (var (word, content) in rule.AsObject())
        {
            if (!s_words.Contains(word))
            {
                throw new NotSupportedException($"The word {word} of a schema is not known here.");
            }

            foreach (var misfit in Misfits(value, rule, word, content!, place))
            {
                yield return misfit;
            }
        }
    }

    private IEnumerable<string> Misfits(JsonNode? value, JsonNode rule, string word, JsonNode content, string place) => word switch
    {
        "$ref" => Misfits(value, Definition(content.GetValue<string>()), place),
        "type" => Types(content).Any(type => Is(value, type)) ? [] : [$"{place}: expected {content.ToJsonString()}, found {Shown(value)}"],
        "enum" => content.AsArray().Any(each => JsonNode.DeepEquals(each, value)) ? [] : [$"{place}: expected one of {content.ToJsonString()}, found {Shown(value)}"],
        "const" => JsonNode.DeepEquals(content, value) ? [] : [$"{place}: expected {content.ToJsonString()}, found {Shown(value)}"],
        "minimum" => value is JsonValue number && number.GetValue<decimal>() >= content.GetValue<decimal>() ? [] : [$"{place}: expected at least {content}, found {Shown(value)}"],
        "anyOf" => content.AsArray().Any(each => !Misfits(value, each!, place).Any()) ? [] : [$"{place}: fits none of its forms: {Shown(value)}"],
        "items" => value is JsonArray items ? items.SelectMany((item, at) => Misfits(item, content, $"{place}[{at}]")) : [],
        "required" => value is JsonObject whole ? content.AsArray().Select(name => name!.GetValue<string>()).Where(name => !whole.ContainsKey(name)).Select(name => $"{place}: {name} is missing") : [],
        "properties" => value is JsonObject filled ? filled.SelectMany(property => content[property.Key] is { } inner ? Misfits(property.Value, inner, $"{place}.{property.Key}") : Unknown(rule, place, property.Key)) : [],
        _ => [],
    };

    private static string[] Unknown(JsonNode rule, string place, string name) => rule["additionalProperties"]?.GetValue<bool>() == false ? [$"{place}: {name} is not in the schema"] : [];

    private JsonNode Definition(string reference) => schema["$defs"]![reference["#/$defs/".Length..]] ?? throw new NotSupportedException($"There is no {reference}.");

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray several ? several.Select(one => one!.GetValue<string>()) : [type.GetValue<string>()];

    private static bool Is(JsonNode? value, string type) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        _ => value is JsonValue one && (one.GetValueKind(), type) is (System.Text.Json.JsonValueKind.String, "string") or (System.Text.Json.JsonValueKind.Number, "number")
            or (System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False, "boolean")
            || (type == "integer" && value is JsonValue whole && whole.GetValueKind() == System.Text.Json.JsonValueKind.Number && decimal.IsInteger(whole.GetValue<decimal>())),
    };

    private static string Shown(JsonNode? value) => value?.ToJsonString() ?? "null";
}
