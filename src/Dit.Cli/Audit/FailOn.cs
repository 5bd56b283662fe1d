using System.CommandLine;
using Dit.Audit;

namespace Dit.Cli;

/// <summary>The verdicts at which an audit is to end the process with <see cref="ExitCode.Refused"/>.</summary>
internal static class FailOn
{
    private const string Anything = "anything";

    private static readonly Dictionary<string, AuditVerdict> s_verdicts = Enum.GetValues<AuditVerdict>().ToDictionary(AuditWords.Name, StringComparer.Ordinal);

    private static string Names => $"{string.Join(", ", s_verdicts.Keys)} or {Anything}";

    public static Option<AuditVerdict[]?> Option() => new("--fail-on")
    {
        Description = $"Ends with {ExitCode.Refused} at these verdicts: {Names}, which is all but {AuditWords.Name(AuditVerdict.NothingFound)}; several with commas between.",
        HelpName = "VERDICT,…",
        CustomParser = result =>
        {
            var verdicts = new HashSet<AuditVerdict>();
            foreach (var name in result.Tokens[0].Value.Split(','))
            {
                if (name == Anything)
                {
                    verdicts.UnionWith(s_verdicts.Values.Where(verdict => verdict != AuditVerdict.NothingFound));
                }
                else if (s_verdicts.TryGetValue(name, out var verdict))
                {
                    verdicts.Add(verdict);
                }
                else
                {
                    result.AddError($"--fail-on: expected {Names}, found '{name}'.");
                    return null;
                }
            }

            return [.. verdicts];
        },
    };
}
