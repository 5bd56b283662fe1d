using Dit.Audit;
using Dit.Diffs.Inspection;
using Dit.Interpretation;
using Dit.Server.Shelving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Dit.Server.Api;

/// <summary><c>/api/finetunes/{id}/diff</c>: where in the network a finetune changes how much.</summary>
internal static class DiffEndpoints
{
    /// <summary>Adds it.</summary>
    public static void Map(IEndpointRouteBuilder routes, ServerParts parts)
    {
        // One at a time: of a large checkpoint all weights are read.
        var measuring = new SemaphoreSlim(1);
        var basis = new Lazy<InspectionBase>(() => InspectionBase.Open(parts.Model.Folder));
        routes.MapGet("/api/finetunes/{id}/diff", (string id, CancellationToken aborted) => Measure(parts, id, measuring, basis, aborted)).WithName("getDiff")
            .WithSummary("How big a finetune's diff is, where it lies, and what is odd about it.").ProducesErrors(404, 422);
    }

    private static async Task<Ok<AuditedDiff>> Measure(ServerParts parts, string id, SemaphoreSlim measuring, Lazy<InspectionBase> basis, CancellationToken aborted)
    {
        using var held = parts.Shelf.Hold(id);
        await measuring.WaitAsync(aborted);
        try
        {
            held.Entry.Diff ??= await Task.Run(() => Of(held.Entry, basis.Value), CancellationToken.None);
            return TypedResults.Ok(held.Entry.Diff);
        }
        finally
        {
            measuring.Release();
        }
    }

    private static AuditedDiff Of(ShelfEntry entry, InspectionBase basis)
    {
        try
        {
            var diff = AuditedDiff.Of(FinetuneInspection.Read(entry.Offer.Source, basis));
            return diff with { Findings = [.. diff.Findings.Select(finding => finding with { Sentence = entry.Told(finding.Sentence) })] };
        }
        catch (DitException e)
        {
            throw new DitException(entry.Told(e.Message), e);
        }
    }
}
