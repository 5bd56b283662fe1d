namespace Dit.Audit;

/// <summary>How far an audit has come.</summary>
/// <param name="Stage">What is being done, in a few words.</param>
/// <param name="Done">Rounds done.</param>
/// <param name="Total">Rounds in all.</param>
public sealed record AuditProgress(string Stage, int Done, int Total);
