using System.Text.Json;
using Dit.Server.Api;

namespace Dit.Server.Shelving;

/// <summary>A folder of finetunes to try things on, with <c>gallery.json</c>, which names and describes them.</summary>
public static class Gallery
{
    private const string ListName = "gallery.json";

    /// <summary>Whether a folder is one.</summary>
    public static bool IsAt(string folder) => File.Exists(Path.Combine(folder, ListName));

    /// <summary>The finetunes in it, in the order of the list.</summary>
    /// <exception cref="DitException">The list is missing, damaged, or names a folder that is not beside it.</exception>
    public static IReadOnlyList<OfferedFinetune> Read(string folder)
    {
        var path = Path.Combine(folder, ListName);
        try
        {
            var listed = JsonSerializer.Deserialize<IReadOnlyList<GalleryPiece>>(File.ReadAllBytes(path), ApiJson.Options) ?? [];
            return [.. listed.Select(piece => Path.GetFileName(piece.Folder) == piece.Folder && Directory.Exists(Path.Combine(folder, piece.Folder))
                ? new OfferedFinetune(Path.Combine(folder, piece.Folder), piece.Name, Origin.Gallery, piece.Description)
                : throw new DitException($"{path}: expected names of folders beside it, found {Printable.Text(piece.Folder)}"))];
        }
        catch (JsonException e)
        {
            throw new DitException($"{path}: expected a list of folder, name and description, found something else at {e.Path}", e);
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
