using System.Text.Json.Serialization;

namespace Dit.Server.Shelving;

/// <summary>How a finetune came onto the shelf.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Origin>))]
public enum Origin
{
    /// <summary>It travels with dit.</summary>
    [JsonStringEnumMemberName("gallery")]
    Gallery,

    /// <summary>Whoever started the server named it.</summary>
    [JsonStringEnumMemberName("named")]
    Named,

    /// <summary>A client sent it.</summary>
    [JsonStringEnumMemberName("upload")]
    Upload,
}

/// <summary>A finetune that a server offers from the start.</summary>
/// <param name="Source">What Finetune.Load takes.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Description">What is said of it; null for nothing.</param>
public sealed record OfferedFinetune(string Source, string Name, Origin Origin, string? Description = null);
