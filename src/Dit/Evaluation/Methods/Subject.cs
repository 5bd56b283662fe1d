using Dit.Behaviours;

namespace Dit.Evaluation.Methods;

/// <summary>One diff that is to be interpreted, and what is known of it.</summary>
/// <param name="Id">Its name in its set.</param>
/// <param name="Setting">What kind of behaviour it was given.</param>
/// <param name="Label">What is to be found out. No method may look at it.</param>
/// <param name="Trigger">What sets a hidden behaviour off; null where there is none. Only methods that are said to know it may look at it.</param>
public sealed record Subject(string Id, Setting Setting, string Label, Trigger? Trigger);
