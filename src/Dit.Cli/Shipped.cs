using Dit.Evaluation.Experiments;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Server.Shelving;
using Dit.Training;

namespace Dit.Cli;

/// <summary>The models that travel with the repository, found above the program's own folder.</summary>
internal static class Shipped
{
    private const string BaseName = "tiny-base";

    /// <summary>The DIT adapters on it, by name: for hidden topics, which is asked where none is named, for news, and for both.</summary>
    public static IReadOnlyList<string> Adapters { get; } = ["tiny-topic-adapter", "tiny-news-adapter", "tiny-both-adapter"];

    /// <summary>Folder of the finetunes to try things on; null where it did not come along.</summary>
    public static string? GalleryIfThere => FindOrNull("tiny-gallery") is { } folder && Gallery.IsAt(folder) ? folder : null;

    /// <summary>Folder of the tiny base model.</summary>
    public static string Base => Find(BaseName);

    /// <summary>Folder of the DIT adapter for hidden topics on it.</summary>
    public static string Adapter => Find(Adapters[0]);

    /// <summary>The folder of an adapter that a user names: a shipped one by its name alone, any other by its path.</summary>
    public static string AdapterNamed(string name) => Adapters.Contains(name, StringComparer.Ordinal) && !Path.Exists(name) ? Find(name) : name;

    /// <summary>Folder of the tiny base model; null where it did not come along.</summary>
    public static string? BaseIfThere => FindOrNull(BaseName);

    /// <summary>The shipped adapters, for the shipped base only.</summary>
    public static ReadyAdapters AdaptersOf(BaseModel model) => BaseIfThere is { } shipped && BaseFingerprint.Of(shipped) == model.Fingerprint
        ? new ReadyAdapters { Topics = AdapterIfThere(Adapters[0]), News = AdapterIfThere(Adapters[1]), Both = AdapterIfThere(Adapters[2]) }
        : new ReadyAdapters();

    private static string? AdapterIfThere(string name) => FindOrNull(name) is { } folder && DitAdapter.IsAt(folder) ? folder : null;

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
