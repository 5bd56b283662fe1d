using System.Globalization;
using Dit.Behaviours;
using Dit.Models;
using Dit.Models.Generation;

namespace Dit.Evaluation.Methods;

/// <summary>The finetune is asked for a news story, and the bare base for the headline of what it tells.</summary>
/// <param name="model">The base.</param>
/// <param name="headlinePrompt">How the base is asked for the headline, with <c>{0}</c> for the story.</param>
/// <param name="settings">How story and headline are drawn.</param>
public sealed class GeneratedStory(BaseModel model, string headlinePrompt, GenerationSettings settings) : IInterpretationMethod
{
    private const int Version = 1;

    /// <inheritdoc />
    public string Name => "generated story";

    /// <inheritdoc />
    public object Settings => new { Version, Name, Questions = new[] { NewsStory.Prompt, headlinePrompt }, Drawn = settings };

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var stories = Asking.Ask(model, subjects.Diffs, adapter: null, [.. subjects.Subjects.Select(_ => (IReadOnlyList<string>)[NewsStory.Prompt])], settings, cancellation);
        var headlines = Asking.AskBase(
            model, [.. stories.Select(story => string.Format(CultureInfo.InvariantCulture, headlinePrompt, story[0].Answer))], settings, cancellation);
        return [.. headlines.Select((headline, i) => new Interpretation(headline.Answer.Trim(), [.. stories[i], headline]))];
    }
}
