using System.Text.Encodings.Web;
using System.Text.Json;
using Dit.Evaluation.Methods;
using Dit.Files;

namespace Dit.Evaluation.Experiments;

/// <summary>An answer as it is kept.</summary>
/// <param name="Answer">The label, as the method has it.</param>
/// <param name="Exchanges">What was asked and said.</param>
/// <param name="Rank">Where the label stands among all by likelihood; null where that was not measured.</param>
internal sealed record KeptAnswer(string Answer, IReadOnlyList<Exchange> Exchanges, int? Rank = null)
{
    /// <summary>What the method said.</summary>
    public Methods.Interpretation AsInterpretation() => new(Answer, Exchanges);
}

/// <summary>
/// Answers that were had, as lines of JSON behind a first line that says what they depend on. Written whole after every batch, so a stopped
/// process goes on behind the last.
/// </summary>
internal sealed class AnswerFile
{
    private const string Kind = "answers";
    private const int Version = 2;
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string path;
    private readonly string head;
    private readonly List<KeptAnswer> answers = [];

    private AnswerFile(string path, string head) => (this.path, this.head) = (path, head);

    /// <summary>What is there, in the order of the diffs.</summary>
    public IReadOnlyList<KeptAnswer> Answers => answers;

    /// <summary>Opens the file, or starts it.</summary>
    /// <exception cref="DitException">It is damaged, or holds answers to something else.</exception>
    public static AnswerFile OpenOrCreate(string path, object settings)
    {
        var file = new AnswerFile(path, JsonSerializer.Serialize(new { kind = Kind, version = Version, settings }, Json));
        if (File.Exists(path))
        {
            file.Read();
        }

        return file;
    }

    /// <summary>Keeps more answers.</summary>
    public void Add(IEnumerable<KeptAnswer> more)
    {
        answers.AddRange(more);
        AtomicFile.WriteText(path, string.Concat(answers.Select(answer => JsonSerializer.Serialize(answer, Json)).Prepend(head).Select(line => line + "\n")));
    }

    private void Read()
    {
        var lines = WholeFile.ReadText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || lines[0] != head)
        {
            throw new DitException($"{path}: expected answers that depend on the same settings, found others");
        }

        try
        {
            answers.AddRange(lines.Skip(1).Select(line => JsonSerializer.Deserialize<KeptAnswer>(line, Json)!));
        }
        catch (JsonException e)
        {
            throw new DitException($"{path}: expected an answer in each line, found a damaged file: {e.Message}", e);
        }

        if (answers.Any(answer => answer?.Answer is null || answer.Exchanges is null))
        {
            throw new DitException($"{path}: expected an answer in each line, found a line without one");
        }
    }
}
