using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dit.Models.Checkpoints;

/// <summary>The modules that target_modules or exclude_modules means: those with listed names or ends of names, or all that an expression matches whole.</summary>
internal sealed class PeftModuleSet
{
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly PeftExpressions expressions;
    private readonly Regex? expression;

    private PeftModuleSet(string where, JsonElement value)
    {
        expressions = new PeftExpressions(where);
        if (value.ValueKind == JsonValueKind.String)
        {
            Expression = value.GetString()!;
            // By itself first: what only makes sense between the brackets added here is no expression for PEFT.
            expressions.Read("", Expression, "");
            expression = expressions.Read(@"\A(?:", Expression, @")\z");
        }
        else if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String))
        {
            names.UnionWith(value.EnumerateArray().Select(name => name.GetString()!));
        }
        else
        {
            throw new DitException($"{where}: expected a list of names or a pattern, found {value.ValueKind}.");
        }
    }

    /// <summary>The expression where there is one in place of a list.</summary>
    public string? Expression { get; }

    /// <summary>Reads one setting; null where it is not set.</summary>
    /// <exception cref="DitException">It is neither a list of names nor a regular expression.</exception>
    public static PeftModuleSet? Read(string path, JsonElement root, string setting) =>
        root.TryGetProperty(setting, out var value) && value.ValueKind != JsonValueKind.Null ? new PeftModuleSet($"{path}: {setting}", value) : null;

    /// <summary>Whether a name is listed in full.</summary>
    public bool Lists(string module) => names.Contains(module);

    /// <summary>Whether the set holds a module.</summary>
    /// <exception cref="DitException">The expression takes too long.</exception>
    public bool Contains(string module)
    {
        if (expression is not null)
        {
            return expressions.Match(expression, module).Success;
        }

        for (var start = 0; start <= module.Length;)
        {
            if (names.Contains(module[start..]))
            {
                return true;
            }

            var dot = module.IndexOf('.', start);
            start = dot < 0 ? int.MaxValue : dot + 1;
        }

        return false;
    }
}
