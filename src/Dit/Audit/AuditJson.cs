using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dit.Audit;

/// <summary>How audits are written as JSON: snake case, enumerations in kebab case, the layout of <c>docs/audit.schema.json</c>.</summary>
public static class AuditJson
{
    /// <summary>The settings for System.Text.Json.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerOptions.Strict)
    {
        WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
