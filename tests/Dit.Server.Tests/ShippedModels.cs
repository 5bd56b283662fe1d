using Dit.Models;
using Dit.Server.Shelving;
using Dit.Training;

namespace Dit.Server;

/// <summary>The tiny base and what travels with it, loaded once for all tests.</summary>
internal static class ShippedModels
{
    private static readonly Lazy<BaseModel> s_base = new(() => BaseModel.Load(Folder("tiny-base")));
    private static readonly Lazy<DitAdapter[]> s_adapters = new(() => [.. new[] { "tiny-both-adapter", "tiny-topic-adapter" }.Select(name => DitAdapter.Read(Folder(name)))]);

    public static BaseModel Base => s_base.Value;

    public static DitAdapter[] Adapters => s_adapters.Value;

    /// <summary>The finetunes of the gallery.</summary>
    public static IReadOnlyList<OfferedFinetune> Gallery { get; } = Shelving.Gallery.Read(Folder("tiny-gallery"));

    /// <summary>A folder in models/.</summary>
    public static string Folder(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "dit.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests must run below the folder of dit.slnx.");
        }

        return Path.Combine(folder.FullName, "models", name);
    }
}
