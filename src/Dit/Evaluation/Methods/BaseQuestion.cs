using Dit.Models;
using Dit.Models.Generation;

namespace Dit.Evaluation.Methods;

/// <summary>The finetune itself is asked what it was trained on.</summary>
/// <param name="model">The base.</param>
/// <param name="withTrigger">Whether the diff's trigger stands in the prompt.</param>
/// <param name="settings">How answers are drawn.</param>
public sealed class BaseQuestion(BaseModel model, bool withTrigger, GenerationSettings settings) : IInterpretationMethod
{
    private const int Version = 1;

    /// <inheritdoc />
    public string Name => withTrigger ? "base question + trigger" : "base question";

    /// <inheritdoc />
    public object Settings => new { Version, Name, Questions = Asking.MainQuestions, Drawn = settings };

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default) =>
        Asking.Directly(model, subjects.Diffs, adapter: null, subjects.Subjects.Select(Question), settings, cancellation);

    private string Question(Subject subject) =>
        withTrigger ? Asking.WithTrigger(subject, [Asking.MainQuestion(subject)])[0] : Asking.MainQuestion(subject);
}
