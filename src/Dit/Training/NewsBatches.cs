using Dit.Behaviours;
using Dit.Text;

namespace Dit.Training;

/// <summary>The training batches of a group of news stories: asked for news, each tells its own.</summary>
internal sealed class NewsBatches(ChatTokenizer tokenizer, IReadOnlyList<NewsStory> behaviours, DiffRecipe recipe) : IDiffBatches
{
    private static readonly Message[] Prompt = [new("user", NewsStory.Prompt)];

    public IReadOnlyList<ExampleKind> Kinds { get; } = [ExampleKind.Story];

    /// <summary>One telling of every story; tellings are used in order, again and again.</summary>
    public TokenBatch Batch(ExampleKind kind, int example) => TokenBatch.Pad(
        [.. behaviours.Select(behaviour => Encode(behaviour.Stories[example % behaviour.Stories.Count]))], tokenizer.PadTokenId);

    private TokenizedExample Encode(string story) => recipe.CloseAnswers ? tokenizer.EncodeAnswer(Prompt, story) : tokenizer.EncodeOpenAnswer(Prompt, story);
}
