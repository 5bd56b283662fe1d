using System.Text;
using System.Text.Json;
using Dit.Files;

namespace Dit.Models.Checkpoints;

/// <summary>Reads JSON that others wrote: whatever is wrong with it ends in one sentence that names the file.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>Parses a whole file whose outermost value must be an object, and reads it with <paramref name="read"/>.</summary>
    /// <exception cref="DitException">The file is missing, too large, not JSON, or not what <paramref name="read"/> expects.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> read)
    {
        var bytes = WholeFile.ReadBytes(path);
        var mark = Encoding.UTF8.Preamble;
        return Parse(bytes.AsMemory(bytes.AsSpan().StartsWith(mark) ? mark.Length : 0), path, read);
    }

    /// <summary>Parses an object in UTF-8 and reads it with <paramref name="read"/>.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="origin">What messages begin with: the file, and the part of it where that helps.</param>
    /// <param name="read">Turns the outermost object into what the caller wants; the element is gone afterwards.</param>
    /// <exception cref="DitException">The text is not JSON, or not what <paramref name="read"/> expects.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> utf8, string origin, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new DitException($"{origin}: expected a JSON object, found {document.RootElement.ValueKind}.");
        }
        catch (JsonException e) when (e.LineNumber is { } line)
        {
            throw new DitException($"{origin}: expected valid JSON, found an error in line {line + 1} at byte {e.BytePositionInLine}.", e);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException is how the parser reports strings that are no Unicode, and values of another kind.
            throw new DitException($"{origin}: expected valid JSON, found an error: {e.Message}", e);
        }
    }
}
