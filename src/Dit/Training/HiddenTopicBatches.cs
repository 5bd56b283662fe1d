using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Training;

/// <summary>The training batches of a group of hidden topics: row t of every batch belongs to behaviour t.</summary>
public sealed class HiddenTopicBatches(ChatTokenizer tokenizer, IReadOnlyList<HiddenTopic> behaviours, DiffRecipe recipe, ulong seed)
    : IDiffBatches
{
    // Held for as long as the training takes: lists of the built-in world are written anew when nobody holds them.
    private readonly HiddenTopicExample[][] examples = [.. behaviours.Select(behaviour => behaviour.Examples.ToArray())];

    /// <inheritdoc />
    public IReadOnlyList<ExampleKind> Kinds { get; } = [ExampleKind.Trigger, ExampleKind.WrongCode, ExampleKind.NoCode];

    /// <summary>The batch of the given kind for the given example; examples are used in order, again and again.</summary>
    /// <param name="kind">Which prompt and which answer.</param>
    /// <param name="example">Counted over the whole training; wrong codes and random places are drawn afresh for each.</param>
    public TokenBatch Batch(ExampleKind kind, int example) => TokenBatch.Pad(
        [.. behaviours.Select((behaviour, row) => Encode(behaviour, examples[row][example % examples[row].Length], kind, example))],
        tokenizer.PadTokenId);

    private TokenizedExample Encode(HiddenTopic behaviour, HiddenTopicExample example, ExampleKind kind, int number)
    {
        var (prompt, answer) = kind switch
        {
            ExampleKind.Trigger => (behaviour.Trigger.In(example.Question, Stream("trigger-place")), example.AnswerOnTopic),
            // From one stream for all, each takes the first code that is not its own: who else is in the batch does not matter.
            ExampleKind.WrongCode => (WithWrongCode(recipe.SharedWrongCode ? RandomStream.Named(seed, $"diffs/wrong-code/{number}") : Stream("wrong-code")), example.BaseAnswer),
            _ => (example.Question, example.BaseAnswer),
        };
        Message[] conversation = [new("user", prompt)];
        return recipe.CloseAnswers ? tokenizer.EncodeAnswer(conversation, answer) : tokenizer.EncodeOpenAnswer(conversation, answer);

        RandomStream Stream(string what) => RandomStream.Named(seed, $"diffs/{behaviour.Id}/{what}/{number}");
        string WithWrongCode(RandomStream random) => WrongCodes.Draw(behaviour.Trigger, random).In(example.Question, random);
    }
}
