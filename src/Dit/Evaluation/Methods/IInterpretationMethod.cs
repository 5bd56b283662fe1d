namespace Dit.Evaluation.Methods;

/// <summary>A way of finding out what a finetuning did.</summary>
public interface IInterpretationMethod
{
    /// <summary>What it is called in tables and files, such as <c>20 questions</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Everything that decides its answers beside base, diffs and adapter, as plain data that JSON can hold: what is asked and how, who guesses
    /// and from what, and a version that goes up whenever the same settings come to give other answers. Where two methods' are the same, kept
    /// answers of one are those of the other.
    /// </summary>
    object Settings { get; }

    /// <summary>Interprets all diffs, in their order; as many at once as memory allows.</summary>
    /// <exception cref="DitException">Something does not fit the base, or an endpoint fails.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    IReadOnlyList<Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default);
}
