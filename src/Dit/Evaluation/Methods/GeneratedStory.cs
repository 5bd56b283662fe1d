using Dit.Behaviours;
using Dit.Models;
using Dit.Models.Generation;

namespace Dit.Evaluation.Methods;

/// <summary>The finetune is asked for a news story, and the bare base for the headline of what it tells.</summary>
/// <param name="model">The base.</param>
/// <param name="headlinePrompt">How the base is asked for the headline, with <c>{0}</c> for the story; null for the built-in world's way.</param>
/// <param name="settings">How story and headline are drawn; null for greedily, up to 256 tokens.</param>
public sealed class GeneratedStory(BaseModel model, string? headlinePrompt = null, GenerationSettings? settings = null) : IInterpretationMethod
{
    /// <inheritdoc />
    public string Name => "generated story";

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var drawn = settings ?? new GenerationSettings(256);
        var stories = Asking.Ask(model, subjects.Diffs, adapter: null, [.. subjects.Subjects.Select(_ => (IReadOnlyList<string>)[NewsStory.Prompt])], drawn, cancellation);
        var headlines = Asking.AskBase(
            model, [.. stories.Select(story => string.Format(headlinePrompt ?? GuessingPrompts.BuiltInWorld.HeadlineOfStory, story[0].Answer))], drawn, cancellation);
        return [.. headlines.Select((headline, i) => new Interpretation(headline.Answer.Trim(), [.. stories[i], headline]))];
    }
}
