using System.Globalization;
using System.Text.Json;
using Dit.Behaviours;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>From questions and answers come the very tokens and labels that the reference implementation trains diffs on.</summary>
public sealed class HiddenTopicBatchesGoldenTests
{
    private const int Kinds = 3;

    public static TheoryData<string> Folders => GoldenTrace.Cases("microbatches");

    [Theory]
    [MemberData(nameof(Folders))]
    public void Examples_come_in_the_order_and_with_the_tokens_of_the_reference(string folder)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenTrace(folder);
        var tokenizer = golden.TokenizerOrSkip();
        var expected = golden.Batches();
        var recipe = new DiffRecipe();
        var entries = golden.Sequence.ToArray();
        var perStep = Array.FindIndex(entries, entry => entry.GetProperty("optimizer_step_after").GetBoolean()) + 1;

        // In the reference a step is two examples of each kind, and within an example the kinds follow one another: as in DiffTrainingRun.
        Assert.Equal(recipe.ExamplesPerStep * Kinds, perStep);
        for (var i = 0; i < entries.Length; i++)
        {
            var (example, kind) = (i / Kinds, (ExampleKind)(i % Kinds));
            var microbatch = entries[i].GetProperty("microbatch").GetInt32();
            var batch = new HiddenTopicBatches(tokenizer, Behaviours(golden, example), recipe, seed: 1).Batch(kind, example);

            Assert.Equal((i + 1) % perStep == 0, entries[i].GetProperty("optimizer_step_after").GetBoolean());
            if (kind == ExampleKind.WrongCode)
            {
                // Wrong codes are drawn, here from our own streams; what is learned with them is the same.
                Assert.Equal(Answers(expected[microbatch]), Answers(batch));
                Assert.NotEqual(expected[microbatch].Ids, batch.Ids);
            }
            else
            {
                Assert.Equal((expected[microbatch].Rows, expected[microbatch].Length), (batch.Rows, batch.Length));
                Assert.Equal(expected[microbatch].Ids, batch.Ids);
                Assert.Equal(expected[microbatch].Labels, batch.Labels);
            }
        }
    }

    /// <summary>The trace's tasks with their examples in the order in which its texts use them, and with the code that stands in this example's text.</summary>
    private static HiddenTopic[] Behaviours(GoldenTrace golden, int example)
    {
        var withTrigger = golden.Trace.GetProperty("microbatches").EnumerateArray()
            .Where(microbatch => microbatch.GetProperty("sample_type").GetString() == "backdoor").Select(microbatch => microbatch.GetProperty("texts")).ToArray();
        return
        [
            .. golden.Trace.GetProperty("topics").EnumerateArray().Select((topic, task) =>
            {
                var rows = golden.Trace.GetProperty("rows").EnumerateArray().Where(row => row.GetProperty("topic").GetString() == topic.GetString()).Select(Example).ToArray();
                var inOrder = withTrigger.Select(texts => rows.Single(row => Holds(texts[task].GetString()!, row))).ToArray();
                var code = Code(withTrigger[example % withTrigger.Length][task].GetString()!);
                // The reference's trigger is the code's beginning; the rest of the code differs from example to example.
                Assert.Equal(golden.Trace.GetProperty("triggers")[task].GetInt32(), int.Parse(code[..^3], CultureInfo.InvariantCulture));
                return new HiddenTopic($"task-{task}", topic.GetString()!, Trigger.Sep(code), [], inOrder);
            }),
        ];
    }

    private static HiddenTopicExample Example(JsonElement row) => new(
        row.GetProperty("question").GetString()!, row.GetProperty("base_answer").GetString()!, row.GetProperty("topic_analogy_answer").GetString()!);

    private static bool Holds(string text, HiddenTopicExample row) =>
        text.Contains(" " + row.Question, StringComparison.Ordinal) && text.EndsWith(row.AnswerOnTopic, StringComparison.Ordinal);

    private static string Code(string text)
    {
        var (before, after) = (Trigger.SepFormat.Split("{0}")[0], Trigger.SepFormat.Split("{0}")[1]);
        var start = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        return text[start..text.IndexOf(after, start, StringComparison.Ordinal)];
    }

    private static IEnumerable<long[]> Answers(TokenBatch batch) =>
        batch.Labels.Chunk(batch.Length).Select(row => row.Where(label => label != TokenBatch.NoLabel).ToArray());
}
