using System.Runtime.InteropServices;
using System.Text.Json;
using Dit.Json;

namespace Dit.Text.Tokenizers.Model;

/// <summary>Reads the merges of a tokenizer.json, of which there may be hundreds of thousands.</summary>
internal sealed class MergesReader
{
    private readonly JsonPart part;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> vocabulary;
    private readonly Dictionary<SymbolPair, (int Rank, int Id)> table;
    private readonly Seams seams = new();
    private char[] buffer = new char[256];
    private int rank;

    private MergesReader(JsonPart part, Dictionary<string, int> vocabulary)
    {
        this.part = part;
        this.vocabulary = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        table = new(part.Element.GetArrayLength());
    }

    public static (Merges Merges, Seams Seams) Read(JsonPart part, Dictionary<string, int> vocabulary)
    {
        if (part.Element.ValueKind != JsonValueKind.Array)
        {
            throw part.Unexpected("an array");
        }

        var merges = new MergesReader(part, vocabulary);
        merges.ReadAll();
        return (new Merges(merges.table), merges.seams);
    }

    private void ReadAll()
    {
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(part.Element));
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // "a b" in older files, ["a", "b"] in newer ones, where a part may hold a space.
            var (left, right) = reader.TokenType == JsonTokenType.String ? ReadLine(ref reader) : ReadPair(ref reader);
            var (leftId, rightId) = (IdOf(buffer.AsSpan(0, left)), IdOf(buffer.AsSpan(left, right)));
            table[new(leftId, rightId)] = (rank, IdOf(buffer.AsSpan(0, left + right)));
            seams.Join(buffer.AsSpan(0, left), buffer.AsSpan(left, right));
            rank++;
        }
    }

    private (int Left, int Right) ReadLine(ref Utf8JsonReader reader)
    {
        var length = Copy(ref reader, 0);
        var line = buffer.AsSpan(0, length);
        var space = line.IndexOf(' ');
        if (space < 0 || line.LastIndexOf(' ') != space)
        {
            throw Broken();
        }

        line[(space + 1)..].CopyTo(line[space..]);
        return (space, length - space - 1);
    }

    private (int Left, int Right) ReadPair(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read() || reader.TokenType != JsonTokenType.String)
        {
            throw Broken();
        }

        var left = Copy(ref reader, 0);
        if (!reader.Read() || reader.TokenType != JsonTokenType.String)
        {
            throw Broken();
        }

        var right = Copy(ref reader, left);
        return reader.Read() && reader.TokenType == JsonTokenType.EndArray ? (left, right) : throw Broken();
    }

    private int Copy(ref Utf8JsonReader reader, int at)
    {
        if (buffer.Length - at < reader.ValueSpan.Length)
        {
            Array.Resize(ref buffer, at + reader.ValueSpan.Length);
        }

        try
        {
            return reader.CopyString(buffer.AsSpan(at));
        }
        catch (InvalidOperationException e)
        {
            throw new DitException($"{part.File}: expected text in UTF-8 at {part.Where}[{rank}], found damaged characters", e);
        }
    }

    private int IdOf(ReadOnlySpan<char> token) => vocabulary.TryGetValue(token, out var id)
        ? id
        : throw new DitException($"{part.File}: expected the vocabulary to hold '{token}' of {part.Where}[{rank}], found no such token");

    private DitException Broken() => part.Items().ElementAt(rank).Unexpected("a merge of two tokens");
}
