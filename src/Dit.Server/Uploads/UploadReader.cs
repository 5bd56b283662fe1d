using System.Net.Http.Headers;
using System.Text;
using Dit.Server.Safety;
using Microsoft.AspNetCore.WebUtilities;

namespace Dit.Server.Uploads;

/// <summary>What came in: files in a folder of their own.</summary>
/// <param name="Space">The folder; whoever gets this disposes it.</param>
/// <param name="Source">What Finetune.Load takes.</param>
/// <param name="Name">What the client calls it.</param>
internal sealed record ReceivedUpload(UploadSpace Space, string Source, string Name);

/// <summary>Reads uploads (multipart/form-data) straight to disk, counting as they come.</summary>
/// <param name="folder">Where they are kept.</param>
/// <param name="limits">How much is taken.</param>
internal sealed class UploadReader(UploadFolder folder, UploadLimits limits)
{
    // Boundaries, headers of parts and the name.
    private const long Around = 64 << 10;
    private const int LongestName = 80, LongestBoundary = 100, MostOtherParts = 4;

    /// <summary>The longest body that is read.</summary>
    public long LongestBody => limits.UploadBytes + Around;

    /// <summary>Reads one upload.</summary>
    /// <exception cref="RefusedException">It is too large, has files that no finetune has, or is no upload.</exception>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public async Task<ReceivedUpload> Read(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > LongestBody)
        {
            throw RefusedException.TooLarge($"the upload: expected at most {limits.UploadBytes} bytes, found {request.ContentLength}");
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !string.Equals(type.MediaType, "multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || type.Parameters.FirstOrDefault(each => string.Equals(each.Name, "boundary", StringComparison.OrdinalIgnoreCase))?.Value?.Trim('"') is not { Length: > 0 and <= LongestBoundary } boundary)
        {
            throw new RefusedException(StatusCodes.Status415UnsupportedMediaType, "invalid_request_error", "the upload: expected multipart/form-data with a boundary, found something else");
        }

        UploadSpace space;
        try
        {
            space = folder.Begin(request.ContentLength is { } length ? Math.Min(length, limits.UploadBytes) : limits.UploadBytes);
        }
        catch (QuotaException e)
        {
            throw new RefusedException(StatusCodes.Status507InsufficientStorage, "quota", $"the upload: {e.Message}", e);
        }

        try
        {
            space.Create();
            return await Read(space, new MultipartReader(boundary, request.Body) { HeadersCountLimit = 8, HeadersLengthLimit = 4 << 10 }, cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            space.Dispose();
            throw RefusedException.Bad("the upload: expected multipart/form-data that is whole, found a damaged or cut one");
        }
        catch
        {
            space.Dispose();
            throw;
        }
    }

    private async Task<ReceivedUpload> Read(UploadSpace space, MultipartReader parts, CancellationToken cancellation)
    {
        var names = new List<string>();
        string? title = null;
        var (came, others) = (0L, 0);
        while (await parts.ReadNextSectionAsync(cancellation) is { } part)
        {
            if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition))
            {
                throw RefusedException.Bad("the upload: expected parts that say which field or file they are, found one that does not");
            }

            var field = disposition.Name?.Trim('"');
            if ((disposition.FileNameStar ?? disposition.FileName?.Trim('"')) is { } file)
            {
                if (names.Count == limits.FilesPerUpload)
                {
                    throw RefusedException.TooLarge($"the upload: expected at most {limits.FilesPerUpload} files, found more");
                }

                names.Add(UploadNames.Accept(file));
                came = await Keep(part.Body, Numbered(space, names.Count - 1), came, cancellation);
            }
            else if (field == "name" && title is null)
            {
                title = await Title(part.Body, cancellation);
            }
            else if (++others > MostOtherParts || await part.Body.ReadAtLeastAsync(new byte[Around], (int)Around, throwOnEndOfStream: false, cancellation) == Around)
            {
                throw RefusedException.Bad($"the upload: expected files and a field called name, found another field {Printable.Text(field ?? "")}");
            }
        }

        var (arranged, source) = UploadNames.Arrange(names);
        for (var i = 0; i < arranged.Length; i++)
        {
            File.Move(Numbered(space, i), Path.Combine(space.FullPath, arranged[i]));
        }

        space.Settle(came);
        return new ReceivedUpload(
            space, source is null ? space.FullPath : Path.Combine(space.FullPath, source), title is { Length: > 0 } ? title : names.Find(name => name.EndsWith(".pt", StringComparison.Ordinal)) ?? "uploaded finetune");
    }

    private static string Numbered(UploadSpace space, int number) => Path.Combine(space.FullPath, $"part-{number}");

    /// <summary>Writes a file to disk; returns how many bytes have come in all.</summary>
    private async Task<long> Keep(Stream body, string path, long came, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 16];
        // Without a buffer of its own, so that nothing is left to be written when it is closed.
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        while (await body.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            came += read;
            if (came > limits.UploadBytes)
            {
                throw RefusedException.TooLarge($"the upload: expected at most {limits.UploadBytes} bytes, found more");
            }

            try
            {
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
            catch (IOException e)
            {
                throw new RefusedException(StatusCodes.Status507InsufficientStorage, "quota", "the upload: expected room for it on the server's disk, found none", e);
            }
        }

        return came;
    }

    private static async Task<string> Title(Stream body, CancellationToken cancellation)
    {
        var bytes = new byte[4 * LongestName];
        var read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        var text = Printable.Line(Encoding.UTF8.GetString(bytes, 0, read)).Trim();
        return read == bytes.Length || text.Length > LongestName
            ? throw RefusedException.Bad($"name: expected at most {LongestName} characters, found more", "name")
            : text;
    }
}
