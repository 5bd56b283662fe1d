using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dit.Cli;

/// <summary>Output for programs.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static void Print(object value) => Console.WriteLine(Text(value));

    public static string Text(object value) => JsonSerializer.Serialize(value, Options);
}
