using Dit.Models.Checkpoints;

namespace Dit.Diffs.Inspection;

/// <summary>What is odd about the files of a PEFT adapter folder.</summary>
internal static class FolderOddities
{
    private const long LargeMetadata = 64 << 10;

    private static readonly HashSet<string> s_pickles = new(StringComparer.OrdinalIgnoreCase) { ".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib" };

    private static readonly HashSet<string> s_programs = new(StringComparer.OrdinalIgnoreCase) { ".py", ".pyc", ".so", ".dll", ".exe", ".sh", ".js", ".dylib" };

    /// <summary>Of the folder's settings and files.</summary>
    /// <exception cref="DitException">The settings are damaged or the folder cannot be read.</exception>
    public static IEnumerable<Finding> Of(string folder, IReadOnlyList<string> sites, InspectionBase? model)
    {
        var facts = PeftFolderFacts.Read(folder);
        return Targets(facts, sites).Concat(BaseName(facts, model)).Concat(Files(folder, facts));
    }

    private static IEnumerable<Finding> Targets(PeftFolderFacts facts, IReadOnlyList<string> sites)
    {
        if (facts.TargetModules is not { } modules)
        {
            yield break;
        }

        string[] missing = [.. modules.Where(module => !sites.Any(site => IsEnd(site, module)))];
        if (missing.Length > 0)
        {
            yield return Odd($"the setting target_modules in adapter_config.json names layers that have no factors: {Names.Few(missing)}");
        }
    }

    /// <summary>Folders may be called anything, so this is said only where the name appears nowhere in the path.</summary>
    private static IEnumerable<Finding> BaseName(PeftFolderFacts facts, InspectionBase? model)
    {
        var named = facts.BaseModelNameOrPath;
        if (model is not null && named.Length > 0 && !Plain(Path.GetFullPath(model.Folder)).Contains(Plain(named[(named.TrimEnd('/').LastIndexOf('/') + 1)..]), StringComparison.Ordinal))
        {
            yield return Odd($"the base is called {named} in adapter_config.json, and {model.Name} here");
        }
    }

    private static IEnumerable<Finding> Files(string folder, PeftFolderFacts facts)
    {
        string[] names;
        try
        {
            names = [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, AttributesToSkip = FileAttributes.None })
                .Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{folder}: could not be read: {e.Message}", e);
        }

        string[] pickles = [.. names.Where(name => s_pickles.Contains(Path.GetExtension(name)))];
        if (pickles.Length > 0)
        {
            yield return Odd($"there are pickles, which can run code where another program loads them (dit does not): {Names.Few(pickles)}");
        }

        string[] programs = [.. names.Where(name => s_programs.Contains(Path.GetExtension(name)))];
        if (programs.Length > 0)
        {
            yield return Odd($"beside the factors there are programs, which an adapter does not need (dit runs none): {Names.Few(programs)}");
        }

        if (facts.MetadataBytes > LargeMetadata)
        {
            yield return Odd($"the header of the factors carries {facts.MetadataBytes} characters of text that no adapter needs");
        }
    }

    private static bool IsEnd(string site, string module) => site == module || site.EndsWith("." + module, StringComparison.Ordinal);

    private static string Plain(string name) => new([.. name.ToLowerInvariant().Where(char.IsLetterOrDigit)]);

    private static Finding Odd(string sentence) => new(FindingLevel.Odd, sentence);
}
