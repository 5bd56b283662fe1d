using Dit.Files;

namespace Dit.Bench;

/// <summary>Figures in a document, between lines that say what they are, so that they can be measured anew.</summary>
internal static class MarkedText
{
    /// <summary>Says that a place in a file can be filled, or throws; before a long measurement.</summary>
    /// <exception cref="DitException">The file or its lines are missing.</exception>
    public static void Require(string path, string name) => _ = Filled(Read(path), path, name, "");

    /// <summary>Replaces what stands between <c>&lt;!-- NAME --&gt;</c> and <c>&lt;!-- end NAME --&gt;</c> in a file.</summary>
    /// <exception cref="DitException">The file or its lines are missing.</exception>
    public static void Fill(string path, string name, string text) => AtomicFile.WriteText(path, Filled(Read(path), path, name, text));

    private static string Read(string path) =>
        File.Exists(path) ? File.ReadAllText(path) : throw new DitException($"{path}: expected a document to write to, found no such file");

    internal static string Filled(string document, string path, string name, string text)
    {
        var lines = document.Split('\n').ToList();
        var (first, last) = (lines.IndexOf($"<!-- {name} -->"), lines.IndexOf($"<!-- end {name} -->"));
        if (first < 0 || last < first)
        {
            throw new DitException($"{path}: expected a line <!-- {name} --> and below it <!-- end {name} -->, found {(first < 0 ? "no such line" : "no such end")}");
        }

        return string.Join('\n', [.. lines[..(first + 1)], text.TrimEnd('\n'), .. lines[last..]]);
    }
}
