using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dit.Files;

namespace Dit.LanguageModels;

/// <summary>What is asked, as far as it decides the answer.</summary>
internal sealed record CachedQuestion(string Model, IReadOnlyList<string[]> Messages, int? MostTokens, float? Temperature, int Attempt)
{
    /// <summary>A hash over all of it, as hexadecimal digits.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, ReplyCache.Options))));
}

/// <summary>
/// Answers on disk, a file each, found by the hash of their question: so several processes may share a folder, and a killed one leaves
/// nothing half written. Who is asked and with which key is not in it.
/// </summary>
internal sealed class ReplyCache(string folder)
{
    internal static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>The answer to a question, or null where it was never asked.</summary>
    /// <exception cref="DitException">The file of the answer is damaged.</exception>
    public string? Find(CachedQuestion question)
    {
        var path = PathOf(question);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(WholeFile.ReadBytes(path));
            return json.RootElement.GetProperty("reply").GetString()!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new DitException($"{path}: expected an answer of a language model as JSON, found a damaged file; delete it to have the question asked again", e);
        }
    }

    /// <summary>Keeps an answer.</summary>
    /// <exception cref="DitException">It cannot be written.</exception>
    public void Keep(CachedQuestion question, string reply) =>
        AtomicFile.WriteText(PathOf(question), JsonSerializer.Serialize(new { question, reply }, Options) + "\n");

    private string PathOf(CachedQuestion question)
    {
        var hash = question.Hash();
        return Path.Combine(folder, hash[..2], hash[2..32] + ".json");
    }
}
