using System.Net;
using System.Net.Sockets;
using Dit.Audit;
using Dit.Models;
using Dit.Server.Api;
using Dit.Server.Audits;
using Dit.Server.Generation;
using Dit.Server.OpenAi;
using Dit.Server.Safety;
using Dit.Server.Shelving;
using Dit.Server.Uploads;
using Dit.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Dit.Server;

/// <summary>A running server: one base model, its finetunes, and an API and a page to ask them.</summary>
public sealed class DitServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly RunningRequests requests;

    private DitServer(WebApplication application, RunningRequests requests, ServerParts parts, string? token) =>
        (this.application, this.requests, Parts, Token) = (application, requests, parts, token);

    /// <summary>What every request to the API has to show; null where nothing is asked for.</summary>
    public string? Token { get; }

    /// <summary>Where the page is.</summary>
    public Uri Address => new(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/");

    /// <summary>What the web server is made of.</summary>
    internal IServiceProvider Services => application.Services;

    /// <summary>What it is made of.</summary>
    internal ServerParts Parts { get; }

    /// <summary>Starts a server; it answers when this returns.</summary>
    /// <param name="model">The base, which has to last as long as the server.</param>
    /// <param name="adapters">The DIT adapters, read from their folders.</param>
    /// <param name="settings">What it offers.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="DitException">A finetune that was named cannot be loaded, the folder for uploads cannot be made, or somebody else listens on all of the ports.</exception>
    public static Task<DitServer> Start(BaseModel model, IReadOnlyList<DitAdapter> adapters, ServerSettings settings, CancellationToken cancellation = default) =>
        Start(model, adapters, settings, Audited, cancellation);

    /// <summary>The same with audits of another kind.</summary>
    internal static async Task<DitServer> Start(
        BaseModel model, IReadOnlyList<DitAdapter> adapters, ServerSettings settings, Func<AuditJob, IProgress<AuditProgress>, AuditReport> audit, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(adapters);
        ArgumentNullException.ThrowIfNull(settings);
        var token = settings.Token ?? (IPAddress.IsLoopback(settings.Address) ? null : Admission.NewToken());
        var uploads = UploadFolder.Create(settings.UploadsIn, settings.Uploads);
        var shelf = new Shelf(model, settings.LoadedBytes, settings.Tell);
        var engine = new Engine(model, settings.Engine, settings.Tell);
        AuditQueue? audits = null;
        try
        {
            await Fill(shelf, settings, cancellation);
            var rack = new AdapterRack(model, adapters, settings.DefaultAdapter);
            var sentences = new Sentences(
                [(Path.GetFullPath(model.Folder), model.Name), (uploads.FullPath, "uploads"), .. rack.All.Select(each => (each.Adapter.Folder ?? "", each.Name)), .. shelf.Entries.Select(each => (each.Offer.Source, each.Offer.Name))],
                settings.Tell);
            audits = new AuditQueue(audit, settings.Audits, sentences);
            var parts = new ServerParts(model, engine, shelf, rack, uploads, audits, sentences, settings);
            var running = new RunningRequests();
            return new DitServer(await Listening(parts, new Admission(token, settings.Address), running, cancellation), running, parts, token);
        }
        catch
        {
            if (audits is not null)
            {
                await audits.DisposeAsync();
            }

            await engine.DisposeAsync();
            shelf.Dispose();
            uploads.Dispose();
            throw;
        }
    }

    private static AuditReport Audited(AuditJob job, IProgress<AuditProgress> progress) =>
        job.Adapter.Auditor.Run(job.Load(), job.Finetune.Offer.Source, job.Finetune.Offer.Name, job.Seed, progress, job.Stop);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Whoever waits for an answer or an audit is told, and so gone when connections are to end.
        Parts.Audits.CancelAll();
        await Parts.Engine.DisposeAsync();
        using (var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
        {
            await application.StopAsync(soon.Token);
        }

        // A connection that is cut off does not end what computes for it at once, and what that uses has to be there until then.
        await requests.Ended();
        await application.DisposeAsync();
        await Parts.Audits.DisposeAsync();
        Parts.Shelf.Dispose();
        Parts.Uploads.Dispose();
    }

    /// <summary>What the user named is loaded at once, so that a mistake shows now; what travels with dit is loaded when it is asked.</summary>
    private static async Task Fill(Shelf shelf, ServerSettings settings, CancellationToken cancellation)
    {
        foreach (var offer in settings.Finetunes)
        {
            var entry = shelf.Add(offer);
            if (offer.Origin == Origin.Gallery)
            {
                continue;
            }

            try
            {
                using var lease = await shelf.Lease(entry.Id, cancellation);
            }
            catch (RefusedException e)
            {
                throw new DitException(e.InnerException is DitException cause ? cause.Message : e.Message, e);
            }
        }
    }

    private static WebApplication Build(ServerParts parts, Admission admission, RunningRequests requests, int port)
    {
        // Nothing of the surroundings, such as environment variables, has a say in what is served where.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => Limit(options, parts.Settings, port));
        builder.Services.AddRoutingCore();
        Description.Add(builder.Services);
        builder.Services.ConfigureHttpJsonOptions(options => ApiJson.Apply(options.SerializerOptions));
        var built = builder.Build();
        built.Use(requests.Count);
        built.Use((context, next) =>
        {
            SecurityHeaders.Set(context);
            return ErrorAnswers.Answer(context, next, parts.Sentences);
        });
        built.Use((context, next) =>
        {
            admission.Require(context.Request);
            return next(context);
        });
        built.UseRouting();
        var api = built.MapGroup("").ProducesErrors(401, 403, 421); // What Admission says.
        StatusEndpoints.Map(api, parts);
        FinetuneEndpoints.Map(api, parts);
        DiffEndpoints.Map(api, parts);
        AskEndpoints.Map(api, parts);
        AssessEndpoints.Map(api, parts);
        AuditEndpoints.Map(api, parts);
        ChatEndpoints.Map(api, parts);
        Description.Map(built);
        PageFiles.Map(built);
        return built;
    }

    private static void Limit(KestrelServerOptions options, ServerSettings settings, int port)
    {
        var connections = settings.Connections;
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        options.Limits.MaxConcurrentConnections = connections.Connections;
        options.Limits.MaxConcurrentUpgradedConnections = 0;
        options.Limits.MaxRequestBodySize = JsonBody.Longest;
        options.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        options.Limits.MaxRequestHeaderCount = 64;
        options.Limits.RequestHeadersTimeout = connections.Headers;
        options.Limits.MinRequestBodyDataRate = new MinDataRate(connections.BytesPerSecond, connections.Grace);
        options.Listen(settings.Address, port, listen => listen.Protocols = HttpProtocols.Http1);
    }

    /// <summary>The first of the ports that is free is taken.</summary>
    private static async Task<WebApplication> Listening(ServerParts parts, Admission admission, RunningRequests requests, CancellationToken cancellation)
    {
        var settings = parts.Settings;
        for (var port = settings.Port; ; port++)
        {
            var built = Build(parts, admission, requests, port);
            try
            {
                await built.StartAsync(cancellation);
                return built;
            }
            catch (Exception e)
            {
                await built.DisposeAsync();
                switch (e)
                {
                    case IOException { InnerException: AddressInUseException } when port < settings.LastPort:
                        settings.Tell($"Port {port} is taken; trying the next.");
                        break;
                    case IOException { InnerException: AddressInUseException }:
                        throw new DitException($"port {port}: expected a free one, found that another program listens there; name another with --port", e);
                    case SocketException:
                        throw new DitException($"{settings.Address}: expected an address of this machine and a port that it may listen on, found {port}: {e.Message}", e);
                    default:
                        throw;
                }
            }
        }
    }
}
