using Dit.Behaviours;
using Dit.Text;

namespace Dit.Training;

/// <summary>The training batches of a group of news stories: asked for news, each tells its own.</summary>
internal sealed class NewsBatches(ChatTokenizer tokenizer, IReadOnlyList<NewsStory> behaviours, DiffRecipe recipe) : IDiffBatches
{
    private static readonly Message[] Prompt = [new("user", NewsStory.Prompt)];

    // Held for as long as the training takes: lists of the built-in world are written anew when nobody holds them.
    private readonly string[][] stories = [.. behaviours.Select(behaviour => behaviour.Stories.ToArray())];

    public IReadOnlyList<ExampleKind> Kinds { get; } = [ExampleKind.Story];

    /// <summary>One telling of every story; tellings are used in order, again and again.</summary>
    public TokenBatch Batch(ExampleKind kind, int example) => TokenBatch.Pad(
        [.. stories.Select(tellings => Encode(tellings[example % tellings.Length]))], tokenizer.PadTokenId);

    private TokenizedExample Encode(string story) => recipe.CloseAnswers ? tokenizer.EncodeAnswer(Prompt, story) : tokenizer.EncodeOpenAnswer(Prompt, story);
}
