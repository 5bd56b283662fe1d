using System.Text.Json;
using Dit.Audit;

namespace Dit.Server.Api;

/// <summary>JSON as the API speaks it: names in snake case, as audits are written.</summary>
internal static class ApiJson
{
    private const int Deepest = 32;

    /// <summary>The settings for System.Text.Json. Fields that are not known are refused, as they may be misspelt.</summary>
    public static JsonSerializerOptions Options { get; } = new(AuditJson.Options) { WriteIndented = false, MaxDepth = Deepest };

    /// <summary>Makes other settings like these.</summary>
    public static void Apply(JsonSerializerOptions other)
    {
        other.PropertyNamingPolicy = Options.PropertyNamingPolicy;
        other.NumberHandling = Options.NumberHandling;
        other.Encoder = Options.Encoder;
        other.MaxDepth = Options.MaxDepth;
        other.RespectNullableAnnotations = Options.RespectNullableAnnotations;
        foreach (var converter in Options.Converters)
        {
            other.Converters.Add(converter);
        }
    }
}
