using Dit.Evaluation.Methods;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>A method of an adapter, which is in memory only while it is asked.</summary>
/// <param name="adapter">The adapter.</param>
/// <param name="method">The method.</param>
internal sealed class WithAdapter(KeptAdapter adapter, Func<DitAdapter, IInterpretationMethod> method) : IInterpretationMethod
{
    /// <inheritdoc />
    public string Name => "DIT";

    /// <inheritdoc />
    public IReadOnlyList<Methods.Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default) =>
        adapter.With(each => method(each).Interpret(subjects, cancellation));
}
