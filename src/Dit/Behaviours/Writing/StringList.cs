using System.Text.Json;

namespace Dit.Behaviours.Writing;

/// <summary>A list of strings in a model's reply, which may stand among other text, and break off.</summary>
internal static class StringList
{
    private const int LongestItem = 400;

    /// <summary>The items that could be read; none where the reply holds no JSON array of strings.</summary>
    public static IReadOnlyList<string> Read(string reply)
    {
        var start = reply.IndexOf('[');
        if (start < 0)
        {
            return [];
        }

        var items = new List<string>();
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(reply[start..]), isFinalBlock: false, state: default);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                items.Add(reader.GetString()!);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What comes before the fault is whole.
        }

        return [.. items.Select(item => string.Join(' ', item.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).Where(item => item.Length is > 0 and <= LongestItem && !item.Any(char.IsControl))];
    }
}
