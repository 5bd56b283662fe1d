using System.Text.Json;
using Dit.Files;

namespace Dit.Json;

/// <summary>
/// A value inside a JSON file together with where it stands, so that whatever is wrong with it can be said in one sentence:
/// "tokenizer.json: expected text at model.vocab, found a number".
/// </summary>
internal readonly record struct JsonPart(string File, string Where, JsonElement Element)
{
    /// <summary>Reads a whole JSON file.</summary>
    /// <exception cref="DitException">The file cannot be read, is too large, or is not JSON.</exception>
    public static JsonPart Load(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(WholeFile.ReadBytes(path));
            return new JsonPart(path, "", document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new DitException($"{path}: expected JSON, found damage at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", e);
        }
    }

    /// <summary>The member of that name, or null where it is missing or null.</summary>
    public JsonPart? Optional(string name)
    {
        Expect(JsonValueKind.Object);
        return Element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new JsonPart(File, Inside(name), value)
            : null;
    }

    /// <summary>The member of that name.</summary>
    public JsonPart Required(string name) =>
        Optional(name) ?? throw new DitException($"{File}: expected {Inside(name)}, found nothing");

    /// <summary>The elements of an array.</summary>
    public IEnumerable<JsonPart> Items()
    {
        Expect(JsonValueKind.Array);
        var index = 0;
        foreach (var item in Element.EnumerateArray())
        {
            yield return new JsonPart(File, $"{Where}[{index++}]", item);
        }
    }

    /// <summary>The members of an object, in the order of the file.</summary>
    public IEnumerable<KeyValuePair<string, JsonPart>> Members()
    {
        Expect(JsonValueKind.Object);
        foreach (var member in Element.EnumerateObject())
        {
            var name = Decoded(() => member.Name);
            yield return new(name, new JsonPart(File, Inside(name), member.Value));
        }
    }

    /// <summary>The value as text.</summary>
    public string Text()
    {
        Expect(JsonValueKind.String);
        var element = Element;
        return Decoded(() => element.GetString()!);
    }

    /// <summary>The value as a number from 0 to 2³¹ - 2, which is what ids and ranks are.</summary>
    public int Id() =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var id) && id is >= 0 and < int.MaxValue
            ? id
            : throw Unexpected("an id, a whole number from 0");

    /// <summary>The value as true or false.</summary>
    public bool Flag() => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Unexpected("true or false"),
    };

    /// <summary>The optional member of that name as a flag; false where there is none.</summary>
    public bool Flag(string name) => Optional(name)?.Flag() ?? false;

    /// <summary>The error that something else was expected here.</summary>
    public DitException Unexpected(string expected) => new($"{File}: expected {expected} at {Place}, found {Found}");

    /// <summary>The error that what stands here is understood but not supported.</summary>
    public DitException Unsupported(string what) => new($"{File}: {what} at {Place} is not supported");

    private string Place => Where.Length == 0 ? "the top" : Where;

    private string Found => Element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "text",
        JsonValueKind.Null => "null",
        _ => Element.GetRawText() is { Length: <= 40 } raw ? raw : "a long number",
    };

    private string Inside(string name) => Where.Length == 0 ? name : $"{Where}.{name}";

    private void Expect(JsonValueKind kind)
    {
        if (Element.ValueKind != kind)
        {
            throw Unexpected(kind switch
            {
                JsonValueKind.Object => "an object",
                JsonValueKind.Array => "an array",
                _ => "text",
            });
        }
    }

    /// <summary>Half a surrogate pair or bytes that are no UTF-8 show up only when text is decoded.</summary>
    private string Decoded(Func<string> decode)
    {
        try
        {
            return decode();
        }
        catch (InvalidOperationException e)
        {
            throw new DitException($"{File}: expected text in UTF-8 at {Place}, found damaged characters", e);
        }
    }
}
