using System.Text.Json;

namespace Dit.Models.Decoding;

/// <summary>The members of an object in config.json by name and type. A null means what its absence means, unless it is asked for.</summary>
internal sealed class ConfigSettings(string path, JsonElement root)
{
    // Far above any model there is, and low enough that products of two never overflow a long.
    internal const int LargestSize = 1 << 24;

    internal JsonElement? Value(string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    internal bool IsNull(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>An object inside, or null.</summary>
    internal ConfigSettings? Inside(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } inner => new ConfigSettings(path, inner),
        { } found => throw Bad($"{name} to be an object", found),
    };

    /// <summary>The names of all members that are not null.</summary>
    internal IEnumerable<string> Names => root.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Null).Select(m => m.Name);

    internal string? Text(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } found => throw Bad($"{name} to be text", found),
    };

    internal bool Flag(string name, bool otherwise) => Value(name) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } found => throw Bad($"{name} to be true or false", found),
    };

    internal int Size(string name, int? otherwise = null, int largest = LargestSize)
    {
        if (Value(name) is not { } found)
        {
            return otherwise ?? throw Missing(name);
        }

        return found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out var size) && size >= 1 && size <= largest
            ? size
            : throw Bad($"{name} to be a whole number from 1 to {largest}", found);
    }

    internal double Number(string name, double? otherwise = null)
    {
        if (Value(name) is not { } found)
        {
            return otherwise ?? throw Missing(name);
        }

        return found.ValueKind == JsonValueKind.Number && found.TryGetDouble(out var number) && double.IsFinite(number) && number > 0
            ? number
            : throw Bad($"{name} to be a positive number", found);
    }

    /// <summary>Refuses a setting that is anything but absent, null or false.</summary>
    internal void Refuse(string name)
    {
        if (Value(name) is { } found && found.ValueKind != JsonValueKind.False)
        {
            throw Bad($"no {name}, which is not supported", found);
        }
    }

    internal DitException Missing(string name) => new($"{path}: expected {name}, found none.");

    internal DitException Bad(string expected, JsonElement found) => Bad(expected, found.GetRawText());

    internal DitException Bad(string expected, string found) =>
        new($"{path}: expected {expected}, found {(found.Length <= 80 ? found : found[..80] + "…")}.");
}
