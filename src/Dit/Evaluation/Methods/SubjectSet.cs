using Dit.Diffs;

namespace Dit.Evaluation.Methods;

/// <summary>The diffs that methods are compared on. The stack stays its owner's.</summary>
/// <param name="Subjects">What is known of each.</param>
/// <param name="Diffs">Diff i is that of subject i.</param>
public sealed record SubjectSet(IReadOnlyList<Subject> Subjects, DiffStack Diffs);
