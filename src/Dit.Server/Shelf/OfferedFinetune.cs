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
public sealed record OfferedFinetune(string Source, string Name, Origin Origin, string? Description = null)
{
    /// <summary>What a user names: one finetune, or all in a folder of PEFT adapters. Each is called by the last part of its path.</summary>
    /// <param name="source">What Finetune.Load takes, or such a folder.</param>
    public static IReadOnlyList<OfferedFinetune> Named(string source)
    {
        string[] all = Directory.Exists(source) && !Directory.EnumerateFiles(source).Any(file => s_telling.Contains(Path.GetFileName(file), StringComparer.Ordinal))
            ? [.. Directory.EnumerateDirectories(source).Where(inner => File.Exists(Path.Combine(inner, "adapter_config.json"))).Order(StringComparer.Ordinal)]
            : [];
        return [.. (all.Length > 0 ? all : [source]).Select(each => new OfferedFinetune(each, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(each))), Origin.Named))];
    }

    // A folder with one of these is a finetune, or a set, itself.
    private static readonly string[] s_telling = ["adapter_config.json", "config.json", "index.csv"];
}
