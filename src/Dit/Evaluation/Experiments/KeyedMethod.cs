using Dit.Evaluation.Methods;

namespace Dit.Evaluation.Experiments;

/// <summary>A method with everything that its answers depend on beside base and diffs, so that answers can be kept.</summary>
/// <param name="Method">The method.</param>
/// <param name="Settings">A record of plain data.</param>
public sealed record KeyedMethod(IInterpretationMethod Method, object Settings);
