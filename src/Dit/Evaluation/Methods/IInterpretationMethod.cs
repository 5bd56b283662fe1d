namespace Dit.Evaluation.Methods;

/// <summary>A way of finding out what a finetuning did.</summary>
public interface IInterpretationMethod
{
    /// <summary>What it is called in tables and files, such as <c>20 questions</c>.</summary>
    string Name { get; }

    /// <summary>Interprets all diffs, in their order; as many at once as memory allows.</summary>
    /// <exception cref="DitException">Something does not fit the base, or an endpoint fails.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default);
}
