using System.Runtime.InteropServices;
using System.Text.Json;
using Dit.Json;

namespace Dit.Text.Tokenizers.Model;

/// <summary>Reads the tokens and ids of a tokenizer.json, of which there may be hundreds of thousands.</summary>
internal static class VocabularyReader
{
    public static Dictionary<string, int> Read(JsonPart part)
    {
        if (part.Element.ValueKind != JsonValueKind.Object)
        {
            throw part.Unexpected("an object");
        }

        var count = part.Element.GetPropertyCount();
        var vocabulary = new Dictionary<string, int>(count);
        var ids = new HashSet<int>(count);
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(part.Element));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var token = Text(ref reader, part, vocabulary.Count);
            reader.Read();
            var id = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && number is >= 0 and < int.MaxValue
                ? number
                : part.Members().ElementAt(vocabulary.Count).Value.Id();
            if (!vocabulary.TryAdd(token, id) || !ids.Add(id))
            {
                throw new DitException($"{part.File}: expected every token and every id once in {part.Where}, found '{token}' with {id} again");
            }
        }

        return vocabulary;
    }

    private static string Text(ref Utf8JsonReader reader, JsonPart part, int index)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or no UTF-8; the slow way says it in one sentence.
            return part.Members().ElementAt(index).Key;
        }
    }
}
