using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dit.Models.Checkpoints;

/// <summary>The layers that layers_to_transform names by their numbers, which stand behind what layers_pattern says, or behind any name.</summary>
internal sealed class PeftLayers
{
    private readonly HashSet<long> numbers = [];
    private readonly PeftExpressions expressions;
    private readonly List<Regex> patterns = [];

    private PeftLayers(string path, IEnumerable<JsonElement> layers, IEnumerable<JsonElement> names)
    {
        expressions = new PeftExpressions($"{path}: layers_pattern");
        foreach (var layer in layers)
        {
            numbers.Add(layer.ValueKind == JsonValueKind.Number && layer.TryGetInt64(out var number)
                ? number : throw new DitException($"{path}: expected layers_to_transform to be numbers of layers, found {layer.ValueKind}."));
        }

        foreach (var name in names)
        {
            patterns.Add(expressions.Read(@"\A.*\.", name.ValueKind == JsonValueKind.String
                ? name.GetString()! : throw new DitException($"{path}: expected layers_pattern to be names, found {name.ValueKind}."), @"\.(\d+)\."));
        }

        if (patterns.Count == 0)
        {
            patterns.Add(expressions.Read(@"\A.*\.", "[^.]*", @"\.(\d+)\."));
        }
    }

    /// <summary>Reads both settings; null where all layers are meant.</summary>
    /// <exception cref="DitException">They are no numbers or no names.</exception>
    public static PeftLayers? Read(string path, JsonElement root)
    {
        var layers = Values(root, "layers_to_transform");
        // A single number is meant even so, an empty list is not.
        return layers.Count == 0 ? null : new PeftLayers(path, layers, Values(root, "layers_pattern").Where(name => name.ValueKind != JsonValueKind.String || name.GetString() is not ""));
    }

    /// <summary>Whether a module is inside one of the layers. As in PEFT the first pattern that finds a number decides.</summary>
    /// <exception cref="DitException">The patterns take too long.</exception>
    public bool Contain(string module)
    {
        foreach (var pattern in patterns)
        {
            if (expressions.Match(pattern, module) is { Success: true } found)
            {
                return long.TryParse(found.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && numbers.Contains(number);
            }
        }

        return false;
    }

    private static IReadOnlyList<JsonElement> Values(JsonElement root, string setting) =>
        !root.TryGetProperty(setting, out var value) || value.ValueKind == JsonValueKind.Null ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
}
