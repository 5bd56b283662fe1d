using System.Text.Encodings.Web;
using System.Text.Json;
using Dit.Evaluation.Methods;
using Dit.Files;

namespace Dit.Evaluation.Tables;

/// <summary>One answer with all that is known of it.</summary>
public sealed record LoggedAnswer
{
    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>What the model carried, such as <c>shuffled</c>; null for the diff itself.</summary>
    public string? Condition { get; init; }

    /// <summary>The diff.</summary>
    public required string Id { get; init; }

    /// <summary>The diff that the model carried in place of that one; null where it is that one, or none.</summary>
    public string? Carried { get; init; }

    /// <summary>Seed the diff was trained with; null where it is not known.</summary>
    public ulong? Seed { get; init; }

    /// <summary>What should have been answered.</summary>
    public required string Label { get; init; }

    /// <summary>What the method says.</summary>
    public required string Answer { get; init; }

    /// <summary>A grade from each grader, by its name; null where none could be had.</summary>
    public required IReadOnlyDictionary<string, double?> Scores { get; init; }

    /// <summary>What was asked of the model and what it said.</summary>
    public required IReadOnlyList<Exchange> Exchanges { get; init; }
}

/// <summary>Every question, answer and score of an experiment as lines of JSON, for people and programs that want to look for themselves.</summary>
public static class AnswerLog
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DictionaryKeyPolicy = new Keys(), Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes all answers, one a line, whole or not at all.</summary>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<LoggedAnswer> answers) => AtomicFile.Write(path, stream =>
    {
        foreach (var answer in answers)
        {
            JsonSerializer.Serialize(stream, answer, s_json);
            stream.WriteByte((byte)'\n');
        }
    });

    /// <summary>Graders' names as the columns of a table have them.</summary>
    private sealed class Keys : JsonNamingPolicy
    {
        public override string ConvertName(string name) => CsvTable.Key(name);
    }
}
