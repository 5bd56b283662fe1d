using System.CommandLine;

namespace Dit.Cli;

/// <summary>A command that, stopped at any moment and given again, goes on and ends with the same bits.</summary>
internal sealed class ResumableCommand(string name, string description) : Command(name, description)
{
    /// <summary>What a stop leaves, in words.</summary>
    public string Left { get; init; } = "nothing is lost";
}
