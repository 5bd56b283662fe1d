using System.Net;
using Dit.Server.Api;
using Dit.Server.Audits;
using Dit.Server.Generation;
using Dit.Server.Shelving;
using Dit.Server.Uploads;

namespace Dit.Server;

/// <summary>What a server offers, and how much of it.</summary>
public sealed record ServerSettings
{
    /// <summary>Where it listens; without a <see cref="Token"/> one is made for anything but a loopback address.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 takes any that is free.</summary>
    public int Port { get; init; }

    /// <summary>Up to which port those that follow are tried where <see cref="Port"/> is taken; below it for none.</summary>
    public int LastPort { get; init; }

    /// <summary>What every request to the API has to show; null for none on a loopback address and a new one elsewhere.</summary>
    public string? Token { get; init; }

    /// <summary>Finetunes that are there from the start.</summary>
    public IReadOnlyList<OfferedFinetune> Finetunes { get; init; } = [];

    /// <summary>Name of the adapter that is asked where none is named; null for the first.</summary>
    public string? DefaultAdapter { get; init; }

    /// <summary>In which folder the server's own folder of uploads lies; null for the system's temporary folder.</summary>
    public string? UploadsIn { get; init; }

    /// <summary>How much may be uploaded.</summary>
    public UploadLimits Uploads { get; init; } = new();

    /// <summary>How many audits are taken and kept.</summary>
    public AuditLimits Audits { get; init; } = new();

    /// <summary>How many answers are assessed at once.</summary>
    public AssessmentLimits Assessments { get; init; } = new();

    /// <summary>How many answers are written at once.</summary>
    public EngineLimits Engine { get; init; } = new();

    /// <summary>Memory that all loaded finetunes may take together, in bytes.</summary>
    public long LoadedBytes { get; init; } = 4L << 30;

    /// <summary>How long clients may take, and how many there may be.</summary>
    public ConnectionLimits Connections { get; init; } = new();

    /// <summary>Told one sentence about everything that went wrong inside; never a token or what anybody wrote.</summary>
    public Action<string> Tell { get; init; } = _ => { };
}

/// <summary>How long clients may take, and how many there may be.</summary>
/// <param name="Connections">Connections at once.</param>
/// <param name="Headers">Until all headers of a request have come.</param>
/// <param name="Body">Until a JSON body has come.</param>
/// <param name="Grace">For how long a body may come slower than <paramref name="BytesPerSecond"/>.</param>
/// <param name="BytesPerSecond">The slowest that a body may come after that.</param>
/// <param name="Upload">Until an upload has come.</param>
public sealed record ConnectionLimits(int Connections, TimeSpan Headers, TimeSpan Body, TimeSpan Grace, double BytesPerSecond, TimeSpan Upload)
{
    /// <summary>The usual ones.</summary>
    public ConnectionLimits() : this(512, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5), 500, TimeSpan.FromMinutes(30))
    {
    }
}
