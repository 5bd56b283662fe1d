using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Dit.Audit;
using Dit.Server.Audits;
using Dit.Server.Safety;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Dit.Server.Api;

/// <summary><c>/api/audits</c>: audits as jobs.</summary>
internal static class AuditEndpoints
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(100), s_longest = TimeSpan.FromSeconds(5);

    /// <summary>Adds them.</summary>
    public static void Map(IEndpointRouteBuilder routes, ServerParts parts)
    {
        var audits = parts.Audits;
        routes.MapPost("/api/audits", (HttpContext context, CancellationToken aborted) => Begin(context, parts, aborted)).WithName("startAudit")
            .WithSummary("Starts an audit of a finetune. It runs when those before it have ended.")
            .Accepts<AuditAsked>("application/json").ProducesErrors(400, 404, 408, 415, 429);
        routes.MapGet("/api/audits", () => TypedResults.Ok<IReadOnlyList<AuditBody>>([.. audits.All.Select(job => job.Now.Body)])).WithName("listAudits").WithSummary("The audits that are under way, waiting or kept.");
        routes.MapGet("/api/audits/{id}", (string id) => TypedResults.Ok(audits.Require(id).Now.Body)).WithName("getAudit").WithSummary("How far an audit is.").ProducesErrors(404);
        routes.MapGet("/api/audits/{id}/events", (string id, HttpContext context, CancellationToken aborted) => Follow(context, audits.Require(id), aborted)).WithName("followAudit")
            .WithSummary("The same as server-sent events called progress, until the audit has ended.").Produces<AuditEvents>(200, EventWriter.ContentType).ProducesErrors(404);
        routes.MapDelete("/api/audits/{id}", (string id) =>
        {
            audits.Remove(audits.Require(id));
            return TypedResults.NoContent();
        }).WithName("removeAudit").WithSummary("Stops an audit, or forgets one that has ended.").ProducesErrors(404);
        routes.MapGet("/api/audits/{id}/report.json", (string id) => TypedResults.Text(JsonSerializer.Serialize(Report(audits, id), AuditJson.Options), "application/json", Encoding.UTF8))
            .WithName("getAuditReport").WithSummary("What an audit came to.").Produces<AuditReport>().ProducesErrors(404, 409);
        routes.MapGet("/api/audits/{id}/report.html", (string id, HttpContext context) => Page(context, audits, id)).WithName("getAuditPage")
            .WithSummary("The same as one HTML file that needs nothing else.").Produces<string>(200, "text/html").ProducesErrors(404, 409);
    }

    private static async Task<Accepted<AuditBody>> Begin(HttpContext context, ServerParts parts, CancellationToken aborted)
    {
        var asked = await JsonBody.Read<AuditAsked>(context, parts.Settings.Connections.Body);
        aborted.ThrowIfCancellationRequested();
        var adapter = parts.Adapters.RequireOrDefault(asked.Adapter);
        var lease = parts.Shelf.Hold(JsonBody.RequireId(asked.Finetune));
        try
        {
            var job = parts.Audits.Add(lease, adapter, asked.Seed);
            return TypedResults.Accepted($"/api/audits/{job.Id}", job.Now.Body);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    private static async Task Follow(HttpContext context, AuditJob job, CancellationToken aborted)
    {
        var events = new EventWriter(context);
        while (true)
        {
            var (body, changed) = job.Now;
            await events.Send("progress", body, ApiJson.Options);
            if (body.State is AuditState.Done or AuditState.Failed or AuditState.Cancelled)
            {
                return;
            }

            // Not every small step, and now and then without one, so that the clock goes on and a lost connection is noticed.
            await Task.Delay(s_shortest, aborted);
            await Task.WhenAny(changed, Task.Delay(s_longest, aborted));
        }
    }

    private static AuditReport Report(AuditQueue audits, string id)
    {
        var job = audits.Require(id);
        return job.Report ?? throw new RefusedException(StatusCodes.Status409Conflict, "not_done", $"{id}: expected an audit that is done, found one that is not");
    }

    private static ContentHttpResult Page(HttpContext context, AuditQueue audits, string id)
    {
        var page = AuditPage.Write(Report(audits, id));
        context.Response.Headers.ContentSecurityPolicy = SecurityHeaders.Report;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{id}.html\"";
        return TypedResults.Content(page, "text/html", Encoding.UTF8);
    }
}

/// <summary>The events of an audit by their names, as the API's description has them.</summary>
internal sealed record AuditEvents(AuditBody Progress);

/// <summary>An audit that is wanted.</summary>
internal sealed record AuditAsked
{
    /// <summary>Id of the finetune.</summary>
    [Required]
    public string Finetune { get; init; } = "";

    /// <summary>Id of the DIT adapter; null for the default one.</summary>
    public string? Adapter { get; init; }

    /// <summary>Where all randomness comes from.</summary>
    public ulong Seed { get; init; } = 1;
}
