namespace Dit.Models.Readiness;

/// <summary>Tells a base from what is easily taken for one, judging by the names of files.</summary>
internal static class FolderKind
{
    /// <summary>What a path is instead of a model folder, and what it is for; null where it may be one.</summary>
    public static string? Mistaken(string path)
    {
        if (!Directory.Exists(path))
        {
            return File.Exists(path)
                ? $"{path}: expected the folder of a base model, found a file{(IsWeights(path) ? "; name the folder that holds it" : "")}"
                : $"{path}: expected the folder of a base model, found no such folder";
        }

        var hasWeights = Has("model.safetensors") || Has("model.safetensors.index.json");
        if (Has("dit.json") && !hasWeights)
        {
            return $"{path}: expected a base model, found a DIT adapter; use it with dit ask --adapter {path}";
        }

        if ((Has("adapter_config.json") || Has("adapter_model.safetensors")) && !hasWeights)
        {
            return $"{path}: expected a base model, found a PEFT adapter; ask about it with dit ask --diff {path}";
        }

        if (Has("index.csv") && !hasWeights && !Has("config.json"))
        {
            return $"{path}: expected a base model, found a diff set; ask about one of its diffs with dit ask --diff {path}#ID";
        }

        return Any() ? null : $"{path}: expected a base model, found an empty folder";

        bool Has(string name) => File.Exists(Path.Combine(path, name));

        bool Any()
        {
            try
            {
                return Directory.EnumerateFileSystemEntries(path).Any();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new DitException($"{path}: could not be read: {e.Message}", e);
            }
        }
    }

    private static bool IsWeights(string path) => Path.GetExtension(path) is ".safetensors" or ".json" or ".bin";
}
