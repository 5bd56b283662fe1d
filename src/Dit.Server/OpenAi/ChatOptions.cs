using System.Globalization;
using System.Text.Json;
using Dit.Server.Safety;

namespace Dit.Server.OpenAi;

/// <summary>The options of a request, taken one after another; what is left is not known.</summary>
internal sealed class ChatOptions
{
    private readonly Dictionary<string, JsonElement> left = new(StringComparer.Ordinal);

    /// <param name="body">The request.</param>
    /// <exception cref="RefusedException">It is no object.</exception>
    public ChatOptions(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw RefusedException.Bad("the body: expected an object in JSON, found something else");
        }

        foreach (var option in body.EnumerateObject().Where(option => option.Value.ValueKind != JsonValueKind.Null))
        {
            left[option.Name] = option.Value;
        }
    }

    /// <summary>An option; null where it is not given.</summary>
    public JsonElement? Take(string name) => left.Remove(name, out var value) ? value : null;

    /// <summary>A string.</summary>
    public string? Text(string name) => Take(name) is { } value ? value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "a string", value) : null;

    /// <summary>True or false.</summary>
    public bool? Flag(string name) => Take(name) is { } value ? value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, "true or false", value) : null;

    /// <summary>A number.</summary>
    public double? Number(string name, double least, double most) => Take(name) is { } value
        ? value.ValueKind == JsonValueKind.Number && value.GetDouble() is var number && number >= least && number <= most ? number : throw Wrong(name, $"a number from {least} to {most}", value)
        : null;

    /// <summary>A whole number.</summary>
    public int? Whole(string name, int least, int most) => Take(name) is { } value
        ? value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number : throw Wrong(name, $"a whole number of at least {least}", value)
        : null;

    /// <summary>The seed, any whole number of 64 bits.</summary>
    public ulong? Seed() => Take("seed") is { } value
        ? value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? unchecked((ulong)number) : throw Wrong("seed", "a whole number", value)
        : null;

    /// <summary>Says that an option that this server does not know how to follow is at a value that asks for nothing.</summary>
    public void RequireUsual(string name, string usual, Func<JsonElement, bool> isUsual)
    {
        if (Take(name) is { } value && !isUsual(value))
        {
            throw Wrong(name, usual, value);
        }
    }

    /// <summary>Says that nothing is left.</summary>
    public void RequireNoOther()
    {
        if (left.Keys.FirstOrDefault() is { } name)
        {
            throw RefusedException.Bad($"{Printable.Text(name)}: expected an option that this server supports, found one that it does not know", Printable.Line(name, 80));
        }
    }

    private static RefusedException Wrong(string name, string expected, JsonElement found) => RefusedException.Bad(string.Create(CultureInfo.InvariantCulture, $"{name}: expected {expected}, found {Shown(found)}"), name);

    // As it was sent: strings are in quotes, numbers are not.
    private static string Shown(JsonElement value) => Printable.Line(value.GetRawText(), 80);
}
