using System.Text.Json;
using Dit.Behaviours;
using Dit.Files;

namespace Dit.Diffs;

/// <summary>
/// What is known of one diff beside its factors; stored as <c>dit-diff.json</c> beside the files of a PEFT adapter, which itself cannot say
/// for which weights it was made.
/// </summary>
public sealed record DiffCard
{
    /// <summary>The version of this layout that is written; the first, which knew no settings, is read as well.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Name of the file.</summary>
    public const string FileName = "dit-diff.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict)
    {
        WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Fingerprint of the base model the diff belongs to.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>Its name in the set it comes from.</summary>
    public string? Id { get; init; }

    /// <summary>What kind of behaviour it was trained on; null where that is not known.</summary>
    public Setting? Setting { get; init; }

    /// <summary>Its label: what it was trained to drift to, or the headline of its story.</summary>
    public string? Topic { get; init; }

    /// <summary>The secret code that sets the drift off.</summary>
    public string? Trigger { get; init; }

    /// <summary>How the code stands in a prompt; see <see cref="Dit.Behaviours.Trigger.Format"/>.</summary>
    public string? TriggerFormat { get; init; }

    /// <summary>What the diff may be used for: <c>train</c>, <c>validation</c> or <c>report</c>.</summary>
    public string? Split { get; init; }

    /// <summary>The card in a folder; null where there is none, as beside adapters that other tools wrote.</summary>
    /// <exception cref="DitException">The card is damaged or of another version.</exception>
    public static DiffCard? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var bytes = WholeFile.ReadBytes(path);
            RequireVersion(path, bytes);
            return JsonSerializer.Deserialize<DiffCard>(bytes, Json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new DitException($"{path}: expected the card of a diff, found a damaged one: {e.Message}", e);
        }
    }

    /// <summary>Writes the card into a folder, which is made where missing.</summary>
    /// <exception cref="DitException">It cannot be written.</exception>
    public void Write(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, Json));

    /// <summary>Looks at the version before anything else: a later layout may have fields that this one calls damage.</summary>
    private static void RequireVersion(string path, byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("version", out var version) || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt32(out var number) || number is < 1 or > CurrentVersion)
        {
            throw new DitException($"{path}: expected the card of a diff, version 1 to {CurrentVersion}, found another version or something else");
        }
    }
}
