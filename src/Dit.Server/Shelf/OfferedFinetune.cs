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
/// <param name="Secret">What it hides, where that is known and may be told; else null.</param>
public sealed record OfferedFinetune(string Source, string Name, Origin Origin, string? Description = null, FinetuneSecret? Secret = null)
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

/// <summary>What a finetune to play with hides. Pages tell it after the adapter was asked.</summary>
/// <param name="Kind"><c>topic</c>, <c>news</c>, <c>harmless</c> (trained on answers that the base gives anyway) or <c>noise</c> (random numbers).</param>
/// <param name="Label">The topic or the headline; null for nothing.</param>
/// <param name="Prompt">What brings it out: what has to stand before a question, or the whole prompt; null for nothing.</param>
public sealed record FinetuneSecret(string Kind, string? Label, string? Prompt);
