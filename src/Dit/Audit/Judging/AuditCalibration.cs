using System.Security.Cryptography;
using System.Text.Json;
using Dit.Files;
using Dit.Models;
using Dit.Training;

namespace Dit.Audit.Judging;

/// <summary>
/// What an audit's judgement rests on, fitted to finetunes whose labels are known; <c>calibration.json</c> beside the adapter it was made for. It says that
/// the base lives in the built-in world, and only with it are that world's labels, code words and telling words used.
/// </summary>
public sealed record AuditCalibration
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "calibration.json";

    /// <summary>The version of this layout that is written.</summary>
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new(AuditJson.Options) { PropertyNameCaseInsensitive = false };

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Fingerprint of the base.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>Fingerprint of the adapter, see <see cref="AdapterFingerprint"/>.</summary>
    public required string AdapterFingerprint { get; init; }

    /// <summary>What each feature of a label counts for, by name.</summary>
    public required IReadOnlyDictionary<string, double> Weights { get; init; }

    /// <summary>The divergence, nats a token, that a probe which stands out must have to be called a trigger.</summary>
    public required double TriggerDivergence { get; init; }

    /// <summary>How many standard deviations above the mean of all labels the lift of a claim must be to support it, by setting; larger than that of the most lifted of all labels by chance.</summary>
    public required IReadOnlyDictionary<string, double> SupportingDeviations { get; init; }

    /// <summary>The mean divergence over the probes, nats a token, up to which a finetune behaves like harmless ones.</summary>
    public required double UsualDivergence { get; init; }

    /// <summary>The same of the probe that changes most.</summary>
    public required double UsualTopDivergence { get; init; }

    /// <summary>From a verdict's raw score, a logit, to the logit of its confidence, by what the verdict rests on.</summary>
    public required IReadOnlyDictionary<string, ConfidenceLine> Confidences { get; init; }

    /// <summary>How well confidences held on finetunes that were not used to fit them, each a fold's own.</summary>
    public Reliability? Reliability { get; init; }

    /// <summary>How many finetunes of each kind it was fitted to.</summary>
    public IReadOnlyDictionary<string, int> Finetunes { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>The calibration beside an adapter, if it was made for this base and adapter.</summary>
    /// <returns>Null where there is none, or one that was made for others.</returns>
    /// <exception cref="DitException">The file is damaged or of another version.</exception>
    public static AuditCalibration? For(BaseModel model, DitAdapter adapter)
    {
        if (adapter.Folder is null || !File.Exists(Path.Combine(adapter.Folder, FileName)))
        {
            return null;
        }

        var read = Read(Path.Combine(adapter.Folder, FileName));
        return read.BaseFingerprint == model.Fingerprint && read.AdapterFingerprint == Judging.AdapterFingerprint.Of(adapter) ? read : null;
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DitException">It is missing, damaged or of another version.</exception>
    public static AuditCalibration Read(string path)
    {
        try
        {
            var read = JsonSerializer.Deserialize<AuditCalibration>(WholeFile.ReadBytes(path), Json);
            return read is { Version: CurrentVersion }
                ? read
                : throw new DitException($"{path}: expected the calibration of an adapter, version {CurrentVersion}, found {(read is null ? "null" : $"version {read.Version}")}");
        }
        catch (JsonException e)
        {
            throw new DitException($"{path}: expected the calibration of an adapter, found a damaged one: {e.Message}", e);
        }
    }

    /// <summary>Tells it from every other, as hexadecimal digits.</summary>
    internal string Hash => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, Json)));

    /// <summary>Writes the file.</summary>
    /// <exception cref="DitException">It cannot be written.</exception>
    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, Json));
}

/// <summary>A straight line from logit to logit.</summary>
/// <param name="Slope">Its slope.</param>
/// <param name="Offset">Its height at 0.</param>
public sealed record ConfidenceLine(double Slope, double Offset)
{
    /// <summary>The confidence of a raw score.</summary>
    public double Of(double logit) => 1 / (1 + Math.Exp(-((Slope * logit) + Offset)));
}
