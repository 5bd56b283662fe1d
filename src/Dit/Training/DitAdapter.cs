using System.Text.Json;
using System.Text.Json.Serialization;
using Dit.Behaviours;
using Dit.Files;
using Dit.Models.Checkpoints;
using Dit.Models.Checkpoints.Reference;

namespace Dit.Training;

/// <summary>What is known of a DIT adapter beside its factors; stored as <c>dit.json</c> in the adapter's folder.</summary>
public sealed record DitCard
{
    /// <summary>The version of this layout that is written; the first, which knew one setting only, is read as well.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Fingerprint of the base model the adapter belongs to.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>How the base's weights were kept in its training where that was in fewer bits than were computed in, such as <c>int8</c>; else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BaseWeights { get; init; }

    /// <summary>What it can be asked in each of its settings; empty where that is not known.</summary>
    public IReadOnlyList<AdapterQuestion> Asks { get; init; } = [];

    /// <summary>What is asked where the user asks nothing: the main question of each setting.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> MainQuestions => Asks.Count > 0 ? [.. Asks.Select(ask => ask.Question)] : [Questions[0]];

    /// <summary>Questions it was trained on, in all their wordings.</summary>
    public required IReadOnlyList<string> Questions { get; init; }

    /// <summary>What it says where nothing was changed; null if it never learned to.</summary>
    public string? NothingChanged { get; init; }

    /// <summary>Labels that no diff of its training had, for ever.</summary>
    public IReadOnlyList<string> HeldOut { get; init; } = [];

    /// <summary>Splits of the built-in world's news of which no diff of its training had a story.</summary>
    public IReadOnlyList<string> HeldOutNews { get; init; } = [];

    /// <summary>How many diffs it was trained on; a set that was given twice counts twice.</summary>
    public int Diffs { get; init; }

    /// <summary>How it was trained.</summary>
    public required AdapterRecipe Recipe { get; init; }
}

/// <summary>What an adapter can be asked in a setting.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Question">The main wording.</param>
public sealed record AdapterQuestion([property: JsonConverter(typeof(SettingJsonConverter))] Setting Setting, string Question);

/// <summary>A DIT adapter: a LoRA on the base model.</summary>
/// <param name="Factors">The LoRA.</param>
/// <param name="Card">What is known of it; null for one that the reference implementation wrote, which says nothing of itself.</param>
public sealed record DitAdapter(PeftAdapter Factors, DitCard? Card)
{
    private const string CardName = "dit.json";

    /// <summary>The folder or file it was read from; null where it was not read.</summary>
    public string? Folder { get; init; }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Strict)
    {
        WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Whether a folder says that it is a DIT adapter.</summary>
    public static bool IsAt(string folder) => File.Exists(Path.Combine(folder, CardName));

    /// <summary>Reads an adapter folder, or a .pt file of the reference implementation.</summary>
    /// <exception cref="DitException">The folder or file is missing or damaged, has no card, or a card of another version.</exception>
    public static DitAdapter Read(string folder)
    {
        if (File.Exists(folder))
        {
            return new DitAdapter(IntrospectionLora.Read(folder), Card: null) { Folder = folder };
        }

        var path = Path.Combine(folder, CardName);
        if (!File.Exists(path))
        {
            throw new DitException($"{path}: expected the card of a DIT adapter, found no such file");
        }

        try
        {
            var card = JsonSerializer.Deserialize<DitCard>(WholeFile.ReadBytes(path), Json) ?? throw new DitException($"{path}: expected the card of a DIT adapter, found null");
            if (card.Version is < 1 or > DitCard.CurrentVersion || card.Questions.Count == 0 || card.Asks.Any(ask => ask is null))
            {
                throw new DitException($"{path}: expected a card of version 1 to {DitCard.CurrentVersion} with at least one question and nothing missing, found version {card.Version} with {card.Questions.Count}");
            }

            return new DitAdapter(PeftAdapterFolder.Read(folder), card) { Folder = folder };
        }
        catch (JsonException e)
        {
            throw new DitException($"{path}: expected the card of a DIT adapter, found a damaged one: {e.Message}", e);
        }
    }

    /// <summary>Writes the adapter folder; the card comes last, so that a folder with a card is whole.</summary>
    /// <exception cref="InvalidOperationException">There is no card.</exception>
    public void Write(string folder)
    {
        var card = Card ?? throw new InvalidOperationException("A DIT adapter without a card cannot be written.");
        PeftAdapterFolder.Write(folder, Factors);
        AtomicFile.Write(Path.Combine(folder, CardName), stream => JsonSerializer.Serialize(stream, card, Json));
    }
}
