using System.CommandLine;
using System.CommandLine.Parsing;

namespace Dit.Cli;

/// <summary>Command lines as a person would type them.</summary>
internal static class CommandLineText
{
    /// <summary>Arguments in one line, quoted where a shell needs it.</summary>
    public static string Quote(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(argument =>
        argument.Length > 0 && argument.All(c => char.IsLetterOrDigit(c) || "-_./=,:+@#%".Contains(c)) && argument[0] != '#'
            ? argument
            : $"'{argument.Replace("'", "'\\''")}'"));

    /// <summary>The verbs of a parsed command, each followed by a space; nothing for the root.</summary>
    public static string Path(this CommandResult result) =>
        result.Command is RootCommand ? "" : (result.Parent is CommandResult parent ? parent.Path() : "") + result.Command.Name + " ";
}
