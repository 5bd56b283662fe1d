namespace Dit.Audit;

/// <summary>An audit as one HTML file that needs nothing else: text, plots, and the report as data.</summary>
public static class AuditPage
{
    /// <summary>The page.</summary>
    /// <param name="report">The audit.</param>
    public static string Write(AuditReport report) => throw new NotSupportedException(report?.Finetune);
}
