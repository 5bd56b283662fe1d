namespace Dit.Tests.Shared;

/// <summary>
/// Where golden files are: the folder named by DIT_GOLDEN, else tests/Golden of this repository. Cases are found by looking,
/// so that another set with other sizes and texts can be put in their place.
/// </summary>
internal static class GoldenFolder
{
    private static string? Named => Environment.GetEnvironmentVariable("DIT_GOLDEN") is { Length: > 0 } named ? named : null;

    private static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "dit.slnx")))
            {
                folder = folder.Parent;
            }

            return folder?.FullName ?? throw new InvalidOperationException("No folder above the tests holds dit.slnx.");
        }
    }

    /// <summary>Full paths of the case folders of a kind, sorted; none where the kind is missing.</summary>
    public static IEnumerable<string> Cases(string kind)
    {
        var folder = Path.Combine(Named ?? Path.Combine(Repository, "tests", "Golden"), kind);
        return Directory.Exists(folder) ? Directory.GetDirectories(folder).Order(StringComparer.Ordinal) : [];
    }

    /// <summary>
    /// The folder of a kind with the chat templates of published models, which may not travel with this repository:
    /// from DIT_GOLDEN, else from shared/golden beside the repository, else null.
    /// </summary>
    public static string? WithPublishedTemplates(string kind)
    {
        var folder = Path.Combine(Named ?? Path.Combine(Repository, "..", "shared", "golden"), kind);
        return Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
    }
}
