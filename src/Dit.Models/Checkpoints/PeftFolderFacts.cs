using System.Text.Json;

namespace Dit.Models.Checkpoints;

/// <summary>What a PEFT adapter folder says beside its factors, for a reader who judges it.</summary>
/// <param name="BaseModelNameOrPath">The model it was trained on, as adapter_config.json says; empty if it does not.</param>
/// <param name="Rank">The setting r.</param>
/// <param name="Alpha">The setting lora_alpha.</param>
/// <param name="TargetModules">The layers it claims to be on, by the ends of their names, or by the text model's own names; null where that is said by a pattern, a word or not at all.</param>
/// <param name="MetadataBytes">Characters of text in the header of the factors' file; none in old adapters, whose factors are pickled.</param>
public sealed record PeftFolderFacts(string BaseModelNameOrPath, int Rank, double Alpha, IReadOnlyList<string>? TargetModules, long MetadataBytes)
{
    /// <summary>Reads the settings of a folder that <see cref="PeftAdapterFolder"/> reads.</summary>
    /// <exception cref="DitException">A file is missing or damaged.</exception>
    public static PeftFolderFacts Read(string folder)
    {
        var path = Path.Combine(folder, PeftAdapterFolder.ConfigName);
        var (config, modules) = JsonFile.Read(path, root => (PeftConfig.Read(path, root), Modules(path, root)));
        return new PeftFolderFacts(config.BaseModelNameOrPath, config.Rank, config.Alpha, modules, TextInHeader(Path.Combine(folder, PeftAdapterFolder.WeightsName)));
    }

    private static long TextInHeader(string weights)
    {
        if (!File.Exists(weights))
        {
            return 0;
        }

        using var file = SafetensorsFile.Open(weights);
        return file.Metadata.Sum(entry => (long)entry.Key.Length + entry.Value.Length);
    }

    private static string[]? Modules(string path, JsonElement root)
    {
        if (!root.TryGetProperty("target_modules", out var modules) || modules.ValueKind is JsonValueKind.Null or JsonValueKind.String)
        {
            return null;
        }

        return modules.ValueKind == JsonValueKind.Array && modules.EnumerateArray().All(module => module.ValueKind == JsonValueKind.String)
            ? [.. modules.EnumerateArray().Select(module => WeightNames.Canonical(module.GetString()!))]
            : throw new DitException($"{path}: expected target_modules to be a list of names or a pattern, found {modules.ValueKind}.");
    }
}
