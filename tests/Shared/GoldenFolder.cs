namespace Dit;

/// <summary>
/// Where golden cases are found: in the folder named by DIT_GOLDEN, else in the copy that travels with the repository. Cases are
/// found by their kind and never by name, so that another set, of other sizes and seeds, can be put in their place.
/// </summary>
internal static class GoldenFolder
{
    private const string Variable = "DIT_GOLDEN";
    private const string Solution = "dit.slnx";

    /// <summary>Full paths of the case folders of a kind, sorted; none if there is no such kind.</summary>
    /// <param name="kind">A folder of golden files: "models", "lora", ...</param>
    public static IEnumerable<string> Cases(string kind)
    {
        var root = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : Path.Combine(Repository(), "tests", "Golden");
        var folder = Path.Combine(root, kind);
        return Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
            : [];
    }

    /// <summary>
    /// The folder of a kind in a set that holds the chat templates of published models, which the repository's own copy may not
    /// carry: in DIT_GOLDEN, else in shared/golden beside the repository; null where there is none.
    /// </summary>
    /// <param name="kind">A folder of golden files: "tokenizers", ...</param>
    public static string? WithPublishedTemplates(string kind)
    {
        var root = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : Path.GetFullPath(Path.Combine(Repository(), "..", "shared", "golden"));
        var folder = Path.Combine(root, kind);
        return Directory.Exists(folder) ? folder : null;
    }

    private static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds {Solution}.");
    }
}
