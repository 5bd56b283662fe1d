using Dit.Evaluation.Experiments;
using Dit.Models;
using Dit.Models.Checkpoints;

namespace Dit.Cli;

/// <summary>The models that travel with the repository, found above the program's own folder.</summary>
internal static class Shipped
{
    private const string BaseName = "tiny-base", AdapterName = "tiny-topic-adapter";

    /// <summary>Folder of the tiny base model.</summary>
    public static string Base => Find(BaseName);

    /// <summary>Folder of the DIT adapter for hidden topics on it.</summary>
    public static string Adapter => Find(AdapterName);

    /// <summary>Folder of the tiny base model; null where it did not come along.</summary>
    public static string? BaseIfThere => FindOrNull(BaseName);

    /// <summary>The shipped adapters, for the shipped base only.</summary>
    public static ReadyAdapters AdaptersOf(BaseModel model) => BaseIfThere is { } shipped && BaseFingerprint.Of(shipped) == model.Fingerprint
        ? new ReadyAdapters { Topics = FindOrNull(AdapterName) }
        : new ReadyAdapters();

    private static string Find(string name) => FindOrNull(name)
        ?? throw new DitException($"models/{name}: expected the shipped model in a folder above {AppContext.BaseDirectory}, found none; name one with --base");

    private static string? FindOrNull(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var models = Path.Combine(folder.FullName, "models");
            if (Directory.Exists(Path.Combine(models, BaseName)))
            {
                return Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(models, name));
            }
        }

        return null;
    }
}
