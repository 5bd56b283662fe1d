using Dit.Behaviours;
using Dit.Evaluation.Methods;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>A method with everything that its answers depend on beside base and diffs, so that answers can be kept. Disposed of, it gives back its adapter's memory.</summary>
/// <param name="Method">The method.</param>
/// <param name="Settings">A record of plain data.</param>
public sealed record KeyedMethod(IInterpretationMethod Method, object Settings) : IDisposable
{
    /// <summary>The adapter that answers; null for methods without one.</summary>
    public KeptAdapter? Adapter { get; init; }

    /// <summary>The same, opened.</summary>
    internal DitAdapter? Opened { get; init; }

    /// <summary>The one question whose answer is the label, by which labels can be ranked; null for methods that ask several or guess.</summary>
    internal Func<Setting, string>? Asks { get; init; }

    /// <inheritdoc />
    public void Dispose()
    {
        if (Opened is not null)
        {
            KeptAdapter.Release(Opened);
        }
    }
}
