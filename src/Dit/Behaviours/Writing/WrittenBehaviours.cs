using Dit.Behaviours.Published;

namespace Dit.Behaviours.Writing;

/// <summary>What a language model wrote.</summary>
/// <param name="Setting">What kind of behaviours.</param>
/// <param name="Rows">The rows, topic by topic, always in the same order.</param>
/// <param name="LeftOut">Examples that are missing, as no attempt gave a usable reply.</param>
/// <param name="Malformed">Replies of which no use could be made, those that were asked for again included.</param>
public sealed record WrittenBehaviours(Setting Setting, IReadOnlyList<PublishedRow> Rows, int LeftOut, int Malformed);
