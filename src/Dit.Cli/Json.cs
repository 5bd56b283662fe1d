using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dit.Cli;

/// <summary>Output for programs.</summary>
internal static class Json
{
    // The loss of a training that went wrong may be no number.
    private static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static void Print(object value) => Console.WriteLine(Text(value));

    public static string Text(object value) => JsonSerializer.Serialize(value, Options);
}
