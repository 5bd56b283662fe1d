using System.Text.Json;
using Dit.Server.Api;

namespace Dit.Server.Shelving;

/// <summary>
/// A folder of finetunes to try things on, with <c>gallery.json</c>, which names and describes them, and, where it is a game, <c>secrets.json</c>, which says what they hide.
/// </summary>
public static class Gallery
{
    private const string ListName = "gallery.json", SecretsName = "secrets.json";

    /// <summary>Whether a folder is one.</summary>
    public static bool IsAt(string folder) => File.Exists(Path.Combine(folder, ListName));

    /// <summary>The finetunes in it, in the order of the list.</summary>
    /// <exception cref="DitException">The list is missing, damaged, or names a folder that is not beside it.</exception>
    public static IReadOnlyList<OfferedFinetune> Read(string folder)
    {
        var path = Path.Combine(folder, ListName);
        var secrets = ReadList<GallerySecret>(Path.Combine(folder, SecretsName), "folder, kind, label and prompt", mayBeMissing: true);
        return [.. ReadList<GalleryPiece>(path, "folder, name and description", mayBeMissing: false).Select(piece =>
            Path.GetFileName(piece.Folder) == piece.Folder && Directory.Exists(Path.Combine(folder, piece.Folder))
                ? new OfferedFinetune(Path.Combine(folder, piece.Folder), piece.Name, Origin.Gallery, piece.Description, secrets.FirstOrDefault(secret => secret.Folder == piece.Folder)?.Secret)
                : throw new DitException($"{path}: expected names of folders beside it, found {Printable.Text(piece.Folder)}"))];
    }

    private static IReadOnlyList<T> ReadList<T>(string path, string fields, bool mayBeMissing)
    {
        try
        {
            return mayBeMissing && !File.Exists(path) ? [] : JsonSerializer.Deserialize<IReadOnlyList<T>>(File.ReadAllBytes(path), ApiJson.Options) ?? [];
        }
        catch (JsonException e)
        {
            throw new DitException($"{path}: expected a list of {fields}, found something else at {e.Path}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{path}: could not be read: {e.Message}", e);
        }
    }
}

/// <summary>A finetune of a gallery.</summary>
/// <param name="Folder">Its folder, beside the list.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Description">What is said of it.</param>
internal sealed record GalleryPiece(string Folder, string Name, string? Description = null);

/// <summary>What a finetune of a gallery hides, as the list says it.</summary>
/// <param name="Folder">Its folder, beside the list.</param>
/// <param name="Kind"><c>topic</c>, <c>news</c>, <c>harmless</c> or <c>noise</c>.</param>
/// <param name="Label">The topic or the headline; null for nothing.</param>
/// <param name="Prompt">What brings it out; null for nothing.</param>
internal sealed record GallerySecret(string Folder, string Kind, string? Label, string? Prompt)
{
    public FinetuneSecret Secret => new(Kind, Label, Prompt);
}
