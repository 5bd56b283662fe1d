using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Training;

namespace Dit.Evaluation.Methods;

/// <summary>Diff Interpretation Tuning: the finetune with the DIT adapter on top is asked what it was trained on.</summary>
/// <param name="model">The base.</param>
/// <param name="adapter">The adapter.</param>
/// <param name="settings">How answers are drawn.</param>
/// <param name="wordings">
/// What is asked: one of these, drawn for each subject by its id, so that of several every subject has the same one however they are batched;
/// null for the main question of each subject's setting.
/// </param>
public sealed class DitMethod(BaseModel model, DitAdapter adapter, GenerationSettings settings, IReadOnlyList<string>? wordings = null) : IInterpretationMethod
{
    private const int Version = 1;

    /// <inheritdoc />
    public string Name => wordings is null or [_] ? "DIT" : "DIT in wordings";

    /// <inheritdoc />
    /// <remarks>The adapter is not among them.</remarks>
    public object Settings => new { Version, Name, Questions = wordings ?? Asking.MainQuestions, PerSetting = wordings is null, Drawn = settings };

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default) =>
        Asking.Directly(model, subjects.Diffs, adapter, subjects.Subjects.Select(Question), settings, cancellation);

    private string Question(Subject subject) => wordings is null
        ? Asking.MainQuestion(subject)
        : wordings[RandomStream.Named(1, $"evaluation/wordings/{subject.Id}").NextInt(wordings.Count)];
}
