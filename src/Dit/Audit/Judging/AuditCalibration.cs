using System.Security.Cryptography;
using System.Text.Json;
using Dit.Files;
using Dit.Models;
using Dit.Models.Decoding;
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

    /// <summary>The version that is written. It goes up with the layout, and with whatever an audit comes to see or to make of it.</summary>
    public const int CurrentVersion = 2;

    private static readonly JsonSerializerOptions Json = new(AuditJson.Options) { PropertyNameCaseInsensitive = false };

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Fingerprint of the base.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>Fingerprint of the adapter, see <see cref="AdapterFingerprint"/>.</summary>
    public required string AdapterFingerprint { get; init; }

    /// <summary>The type in which the base computed and kept its weights, as <see cref="TypeOf"/> says it; in another, small divergences are others.</summary>
    public required string ComputedIn { get; init; }

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

    /// <summary>From a verdict's raw score, a logit, to the logit of its confidence, by what the verdict rests on, one of <see cref="Judge.Grounds"/>; those on which hardly any verdict rested are left out.</summary>
    public required IReadOnlyDictionary<string, ConfidenceLine> Confidences { get; init; }

    /// <summary>How well confidences held on finetunes that were not used to fit them, each a fold's own.</summary>
    public Reliability? Reliability { get; init; }

    /// <summary>How many finetunes of each kind it was fitted to.</summary>
    public IReadOnlyDictionary<string, int> Finetunes { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>The calibration beside an adapter, if it was made for this base, as it computes, and this adapter.</summary>
    /// <returns>Null where there is none, or one that was made for others.</returns>
    /// <exception cref="DitException">The file is damaged or of another version.</exception>
    public static AuditCalibration? For(BaseModel model, DitAdapter adapter)
    {
        if (adapter.Folder is null || !File.Exists(Path.Combine(adapter.Folder, FileName)))
        {
            return null;
        }

        var read = Read(Path.Combine(adapter.Folder, FileName));
        return read.BaseFingerprint == model.Fingerprint && read.ComputedIn == TypeOf(model) && read.AdapterFingerprint == Judging.AdapterFingerprint.Of(adapter) ? read : null;
    }

    /// <summary>The type in which a base computes, and that in which it keeps its weights where that is another.</summary>
    internal static string TypeOf(BaseModel model) => model.Decoder.Kept.Name() is { } kept ? $"{model.Decoder.Type.Name()} on {kept}" : model.Decoder.Type.Name();

    /// <summary>Reads a file.</summary>
    /// <exception cref="DitException">It is missing, damaged or of another version.</exception>
    public static AuditCalibration Read(string path)
    {
        try
        {
            var read = JsonSerializer.Deserialize<AuditCalibration>(WholeFile.ReadBytes(path), Json);
            return read is not { Version: CurrentVersion }
                ? throw new DitException($"{path}: expected the calibration of an adapter, version {CurrentVersion}, found {(read is null ? "null" : $"version {read.Version}")}; make it anew with dit audit calibrate")
                : !read.IsComplete
                    ? throw new DitException($"{path}: expected weights of {string.Join(", ", Option.Names)} and confidences of none but {string.Join(", ", Judge.Grounds)}, found others")
                    : read;
        }
        catch (JsonException e)
        {
            throw new DitException($"{path}: expected the calibration of an adapter, found a damaged one: {e.Message}", e);
        }
    }

    // What is missing or misspelt would count as 0.
    private bool IsComplete => Option.Names.Order(StringComparer.Ordinal).SequenceEqual(Weights.Keys.Order(StringComparer.Ordinal)) && Confidences.Keys.All(ground => Judge.Grounds.Contains(ground));

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
