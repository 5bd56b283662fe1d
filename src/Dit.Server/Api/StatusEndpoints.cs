using Dit.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Dit.Server.Api;

/// <summary><c>/api/status</c>: what this server is.</summary>
internal static class StatusEndpoints
{
    /// <summary>Adds it.</summary>
    public static void Map(IEndpointRouteBuilder routes, ServerParts parts)
    {
        routes.MapGet("/api/status", () => TypedResults.Ok(Of(parts))).WithName("getStatus")
            .WithSummary("The base model, the DIT adapters that can be asked with, and how much may be uploaded.");
    }

    private static StatusBody Of(ServerParts parts)
    {
        var model = parts.Model;
        var limits = parts.Settings.Uploads;
        return new StatusBody(
            "dit",
            typeof(StatusEndpoints).Assembly.GetName().Version?.ToString(3) ?? "0.0.0",
            new StatusBase(model.Name, model.Fingerprint, model.Decoder.Config.LayerCount, [.. model.Decoder.Sites.Select(site => site.Name)]),
            [.. parts.Adapters.All.Select(each => new StatusAdapter(each.Id, each.Name, Asks(each.Adapter), each.Adapter.Card?.NothingChanged, each.Auditor.IsCalibrated))],
            new StatusLimits(limits.UploadBytes, limits.FilesPerUpload, limits.QuotaBytes),
            parts.Adapters.Default?.Id);
    }

    private static IReadOnlyList<AdapterQuestion> Asks(DitAdapter adapter) => adapter.Card?.Asks ?? [];
}

/// <summary>What this server is.</summary>
/// <param name="Name">Always <c>dit</c>.</param>
/// <param name="Version">The program's version.</param>
/// <param name="Base">The base model.</param>
/// <param name="Adapters">The DIT adapters that can be asked with.</param>
/// <param name="Limits">How much may be uploaded.</param>
/// <param name="DefaultAdapter">Id of the adapter to begin with; null where there is none.</param>
internal sealed record StatusBody(string Name, string Version, StatusBase Base, IReadOnlyList<StatusAdapter> Adapters, StatusLimits Limits, string? DefaultAdapter);

/// <summary>The base model.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="Fingerprint">What tells it from other models.</param>
/// <param name="Layers">How many layers it has.</param>
/// <param name="Sites">All of its linear layers.</param>
internal sealed record StatusBase(string Name, string Fingerprint, int Layers, IReadOnlyList<string> Sites);

/// <summary>A DIT adapter.</summary>
/// <param name="Id">Names it in requests.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Asks">What it can be asked.</param>
/// <param name="NothingChanged">What it says where nothing was changed; null where it never learned to.</param>
/// <param name="Calibrated">Whether confidences of audits with it are calibrated.</param>
internal sealed record StatusAdapter(string Id, string Name, IReadOnlyList<AdapterQuestion> Asks, string? NothingChanged, bool Calibrated);

/// <summary>How much may be uploaded.</summary>
/// <param name="UploadBytes">One finetune.</param>
/// <param name="FilesPerUpload">Its files.</param>
/// <param name="QuotaBytes">All uploads together.</param>
internal sealed record StatusLimits(long UploadBytes, int FilesPerUpload, long QuotaBytes);
