using System.CommandLine;

namespace Dit.Cli;

/// <summary><c>--seeds</c>: several seeds at once.</summary>
internal static class SeedsOption
{
    public static Option<ulong[]> Create(string description, IReadOnlyList<ulong> otherwise) => new("--seeds")
    {
        Description = $"{description}, separated by commas; without it, {string.Join(',', otherwise)}.",
        HelpName = "101,102,103",
        CustomParser = result =>
        {
            var parts = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > 0 && parts.All(part => ulong.TryParse(part, out _)))
            {
                return [.. parts.Select(ulong.Parse).Distinct()];
            }

            result.AddError($"--seeds: expected whole numbers separated by commas, found '{result.Tokens[0].Value}'.");
            return [];
        },
    };

    /// <summary>The seeds given, or the usual ones.</summary>
    public static IReadOnlyList<ulong> Of(ParseResult parsed, Option<ulong[]> option, IReadOnlyList<ulong> otherwise) => parsed.GetValue(option) is { Length: > 0 } given ? given : otherwise;
}
