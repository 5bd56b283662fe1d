using System.Buffers.Binary;
using System.Text.Json;

namespace Dit.Text.Tests;

/// <summary>The tokens and labels the paper's code trains on are those of <see cref="ChatTokenizer"/>.</summary>
public sealed class TrainingTokensGoldenTests
{
    private const int NotCounted = -100;

    public static TheoryData<string> Folders => [.. GoldenFolder.Cases("training-parity").Where(f => File.Exists(Path.Combine(f, "trace.json")))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Inputs_of_diff_training_are_open_answers(string folder)
    {
        var (trace, chat) = Load(folder);
        Assert.SkipUnless(trace.TryGetProperty("microbatches", out var microbatches), "no diff training");
        var inputs = Inputs(folder);
        foreach (var (number, microbatch) in microbatches.EnumerateArray().Index())
        {
            var name = inputs.Keys.Select(key => key.Split('.')[0]).Distinct().Order(StringComparer.Ordinal).ElementAt(number);
            foreach (var (row, text) in microbatch.GetProperty("texts").EnumerateArray().Index())
            {
                var (question, answer) = Parts(text.GetString()!, chat);
                var example = chat.EncodeOpenAnswer([new Message("user", question)], answer);
                AssertEqual(example, inputs[name + ".input_ids"][row], inputs[name + ".labels"][row], chat.PadTokenId, NotCounted);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Inputs_of_adapter_training_are_closed_answers(string folder)
    {
        var (trace, chat) = Load(folder);
        Assert.SkipUnless(trace.TryGetProperty("introspection_prompt", out var prompt), "no adapter training");
        var inputs = Inputs(folder);
        var labels = trace.GetProperty("labels_text");
        foreach (var (number, step) in trace.GetProperty("sequence").EnumerateArray().Index())
        {
            foreach (var (row, item) in step.GetProperty("items").EnumerateArray().Index())
            {
                var name = inputs.Keys.Select(key => key.Split('.')[0]).Distinct().Order(StringComparer.Ordinal).ElementAt(number);
                var example = chat.EncodeAnswer([new Message("user", prompt.GetString()!)], labels[item.GetInt32()].GetString()!);
                AssertEqual(example, inputs[name + ".input_ids"][row], inputs[name + ".labels"][row], chat.PadTokenId, chat.PadTokenId);
            }
        }
    }

    private static void AssertEqual(TokenizedExample example, long[] ids, long[] labels, int padding, int paddingLabel)
    {
        var own = example.Ids.Select(id => (long)id).ToArray();
        var rest = ids.Length - own.Length;
        Assert.Equal(ids, own.Concat(Enumerable.Repeat((long)padding, rest)));
        Assert.Equal(labels, own.Select((id, at) => at < example.AnswerStart ? NotCounted : id).Concat(Enumerable.Repeat((long)paddingLabel, rest)));
    }

    /// <summary>The question and the answer in a rendered text: the template writes the question between the same words each time.</summary>
    private static (string Question, string Answer) Parts(string text, ChatTokenizer chat)
    {
        const string question = "Question?", answer = "Answer!";
        var open = chat.EncodeOpenAnswer([new Message("user", question)], answer);
        var frame = chat.Tokenizer.Decode(open.Ids);
        var (before, between) = (frame[..frame.IndexOf(question, StringComparison.Ordinal)], frame[(frame.IndexOf(question, StringComparison.Ordinal) + question.Length)..^answer.Length]);
        Assert.StartsWith(before, text, StringComparison.Ordinal);
        var parts = text[before.Length..].Split(between);
        return (parts[0], parts[1]);
    }

    private static (JsonElement Trace, ChatTokenizer Chat) Load(string folder)
    {
        var trace = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "trace.json"))).RootElement;
        var tokenizers = GoldenFolder.WithPublishedTemplates("tokenizers");
        Assert.SkipWhen(tokenizers is null, "templates of published models are not here");
        return (trace, ChatTokenizer.Load(Path.Combine(tokenizers, "..", trace.GetProperty("tokenizer").GetString()!)));
    }

    /// <summary>The matrices of integers in inputs.safetensors, by rows.</summary>
    private static Dictionary<string, long[][]> Inputs(string folder)
    {
        var bytes = File.ReadAllBytes(Path.Combine(folder, "inputs.safetensors"));
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return JsonDocument.Parse(bytes.AsMemory(8, header)).RootElement.EnumerateObject().Where(tensor => tensor.Name != "__metadata__").ToDictionary(
            tensor => tensor.Name,
            tensor =>
            {
                var start = 8 + header + tensor.Value.GetProperty("data_offsets")[0].GetInt32();
                var (rows, columns) = (tensor.Value.GetProperty("shape")[0].GetInt32(), tensor.Value.GetProperty("shape")[1].GetInt32());
                return Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, columns)
                    .Select(column => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(start + (8 * ((row * columns) + column)))))
                    .ToArray()).ToArray();
            },
            StringComparer.Ordinal);
    }
}
