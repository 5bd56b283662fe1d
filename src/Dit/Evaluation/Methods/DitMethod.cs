using Dit.Models;
using Dit.Models.Generation;
using Dit.Training;

namespace Dit.Evaluation.Methods;

/// <summary>Diff Interpretation Tuning: the finetune with the DIT adapter on top is asked what it was trained on.</summary>
/// <param name="model">The base.</param>
/// <param name="adapter">The adapter.</param>
/// <param name="question">What is asked; null for the main question of each diff's setting.</param>
/// <param name="settings">How answers are drawn; null for greedily, up to 128 tokens.</param>
public sealed class DitMethod(BaseModel model, DitAdapter adapter, string? question = null, GenerationSettings? settings = null) : IInterpretationMethod
{
    /// <inheritdoc />
    public string Name => "DIT";

    /// <inheritdoc />
    public IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default) => Asking.Directly(
        model, subjects.Diffs, adapter, subjects.Subjects.Select(subject => question ?? Asking.MainQuestion(subject)), settings ?? new GenerationSettings(128), cancellation);
}
