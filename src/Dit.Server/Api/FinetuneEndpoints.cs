using Dit.Interpretation;
using Dit.Server.Safety;
using Dit.Server.Shelving;
using Dit.Server.Uploads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Dit.Server.Api;

/// <summary><c>/api/finetunes</c>: what can be asked, and how more comes to it.</summary>
internal static class FinetuneEndpoints
{
    /// <summary>Adds them.</summary>
    public static void Map(IEndpointRouteBuilder routes, ServerParts parts)
    {
        var reader = new UploadReader(parts.Uploads, parts.Settings.Uploads);
        var coming = new SemaphoreSlim(parts.Settings.Uploads.AtOnce);
        routes.MapGet("/api/finetunes", () => TypedResults.Ok<IReadOnlyList<FinetuneBody>>([.. parts.Shelf.Entries.Select(FinetuneBody.Of)])).WithName("listFinetunes")
            .WithSummary("The finetunes that can be asked.");
        routes.MapPost("/api/finetunes", (HttpContext context, CancellationToken aborted) => Upload(context, parts, reader, coming, aborted)).WithName("uploadFinetune")
            .WithSummary("Uploads a finetune: its files, and optionally a field called name. It is loaded and checked against the base before it is taken.")
            .Accepts<UploadForm>("multipart/form-data").ProducesErrors(400, 413, 415, 422, 429, 507);
        routes.MapGet("/api/finetunes/{id}", (string id) => TypedResults.Ok(FinetuneBody.Of(Require(parts, id)))).WithName("getFinetune")
            .WithSummary("One finetune.").ProducesErrors(404);
        routes.MapDelete("/api/finetunes/{id}", (string id) => Remove(parts, id)).WithName("removeFinetune")
            .WithSummary("Removes an uploaded finetune. It disappears at once; its files go when the last answer about it has ended.").ProducesErrors(403, 404);
    }

    private static async Task<Created<FinetuneBody>> Upload(HttpContext context, ServerParts parts, UploadReader reader, SemaphoreSlim coming, CancellationToken aborted)
    {
        if (!await coming.WaitAsync(0, aborted))
        {
            throw RefusedException.Busy("as many uploads are coming in as the server takes at once; try again in a moment");
        }

        try
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = reader.LongestBody;
            using var slow = CancellationTokenSource.CreateLinkedTokenSource(aborted);
            slow.CancelAfter(parts.Settings.Connections.Upload);
            var received = await reader.Read(context.Request, slow.Token);
            var entry = new ShelfEntry(
                ShelfId.Random("upload"), new OfferedFinetune(received.Source, received.Name, Origin.Upload), FinetuneForm.FileBytes(received.Space.FullPath), received.Space.Dispose);
            try
            {
                await parts.Shelf.AddChecked(entry, aborted);
            }
            catch (Exception e)
            {
                var several = e is RefusedException ? DiffsIn(received.Source) : 0;
                entry.Forget();
                if (several > 1)
                {
                    throw RefusedException.Unusable(
                        $"{received.Name}: expected a file of one diff, found {several}; upload one of the folders that dit diff convert makes of them, or start the server with --diff FILE.pt#N", e);
                }

                throw;
            }

            return TypedResults.Created($"/api/finetunes/{entry.Id}", FinetuneBody.Of(entry));
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            throw new RefusedException(StatusCodes.Status408RequestTimeout, "timeout", $"the upload: expected it within {parts.Settings.Connections.Upload.TotalMinutes} minutes");
        }
        finally
        {
            coming.Release();
        }
    }

    /// <summary>How many diffs a .pt file holds; 0 for anything else.</summary>
    private static int DiffsIn(string source)
    {
        try
        {
            using var stored = File.Exists(source) ? StoredDiffs.Open(source) : null;
            return stored?.Diffs.Count ?? 0;
        }
        catch (DitException)
        {
            return 0;
        }
    }

    private static NoContent Remove(ServerParts parts, string id)
    {
        var entry = Require(parts, id);
        if (entry.Offer.Origin != Origin.Upload)
        {
            throw RefusedException.Forbidden($"{entry.Id}: expected an uploaded finetune to remove, found one that the server was started with");
        }

        parts.Shelf.Remove(entry);
        return TypedResults.NoContent();
    }

    private static ShelfEntry Require(ServerParts parts, string id) => parts.Shelf.Find(id) ?? throw RefusedException.NotFound("finetune", id);
}

/// <summary>The fields of an upload.</summary>
/// <param name="Files">The finetune's files, each a part of its own with its name.</param>
/// <param name="Name">What it is to be called; without it, as one of its files or just an upload.</param>
internal sealed record UploadForm(IReadOnlyList<byte[]> Files, string Name = "");

/// <summary>A finetune that can be asked.</summary>
/// <param name="Id">Names it in requests.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Kind">How it came here.</param>
/// <param name="Form">What it is, such as "PEFT adapter".</param>
/// <param name="Description">What is said of it; null for nothing.</param>
/// <param name="Bytes">What its files take; 0 where that is not known.</param>
/// <param name="Parameters">Numbers in it; null until it was loaded once, and for a checkpoint.</param>
/// <param name="CanScale">Whether it can be asked at another strength than 1.</param>
/// <param name="Removable">Whether clients may remove it.</param>
/// <param name="Secret">What one to play with hides; null for all others.</param>
internal sealed record FinetuneBody(
    string Id, string Name, Origin Kind, string Form, string? Description, long Bytes, long? Parameters, bool CanScale, bool Removable, FinetuneSecret? Secret)
{
    /// <summary>What clients see of one on the shelf.</summary>
    public static FinetuneBody Of(ShelfEntry entry) => new(
        entry.Id, entry.Offer.Name, entry.Offer.Origin, entry.Form, entry.Offer.Description, entry.FileBytes, entry.Parameters, entry.CanScale, entry.Offer.Origin == Origin.Upload,
        entry.Offer.Secret);
}
