using System.Text.RegularExpressions;
using Dit.Diffs;
using Dit.Server.Safety;

namespace Dit.Server.Uploads;

/// <summary>
/// Which files an upload may have, and what they are called on disk. A name that a client sends is only ever compared with these; it never
/// becomes part of a path unless it is one of them.
/// </summary>
internal static partial class UploadNames
{
    private const string Config = "adapter_config.json", Weights = "adapter_model.safetensors", Torch = "diff.pt";
    private static readonly string[] s_known = [Config, Weights, DiffCard.FileName, "config.json", "model.safetensors", "model.safetensors.index.json"];

    /// <summary>The last part of the path that a client sends, as it may be kept.</summary>
    /// <exception cref="RefusedException">It is none of the files that a finetune has.</exception>
    public static string Accept(string? sent)
    {
        var name = (sent ?? "")[((sent ?? "").LastIndexOfAny(['/', '\\']) + 1)..];
        return s_known.Contains(name, StringComparer.Ordinal) || Shard().IsMatch(name) || Lone().IsMatch(name)
            ? name
            : throw RefusedException.Bad(
                $"{Printable.Text(name)}: expected a file of a finetune ({string.Join(", ", s_known)}, model-00001-of-00002.safetensors and so on, or one .pt file), found another", "files");
    }

    /// <summary>What each file is called on disk, in the order of the names: a lone .pt or .safetensors file by a name of the server's own.</summary>
    /// <returns>The names, and which of them is what is loaded; null for the folder.</returns>
    /// <exception cref="RefusedException">They do not make one finetune.</exception>
    public static (string[] Names, string? Source) Arrange(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            throw RefusedException.Bad("files: expected the files of a finetune, found none", "files");
        }

        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw RefusedException.Bad($"{twice.Key}: expected each file once, found it {twice.Count()} times", "files");
        }

        string[] lone = [.. names.Where(name => !s_known.Contains(name, StringComparer.Ordinal) && !Shard().IsMatch(name))];
        return lone switch
        {
            [] => ([.. names], null),
            [var file] when file.EndsWith(".pt", StringComparison.Ordinal) && names.Count == 1 => ([Torch], Torch),
            [var file] when file.EndsWith(".safetensors", StringComparison.Ordinal) && names.Contains(Config, StringComparer.Ordinal) && !names.Contains(Weights, StringComparer.Ordinal) =>
                ([.. names.Select(name => name == file ? Weights : name)], null),
            _ => throw RefusedException.Bad($"{Printable.Text(lone[0])}: expected a .pt file alone, or one .safetensors file beside adapter_config.json, found {names.Count} files", "files"),
        };
    }

    [GeneratedRegex(@"^model-\d{5}-of-\d{5}\.safetensors\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Shard();

    // Without anything that means something to a file system or to FILE#ID.
    [GeneratedRegex(@"^[\p{L}\p{N}_ .()+-]{1,120}\.(pt|safetensors)\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Lone();
}
