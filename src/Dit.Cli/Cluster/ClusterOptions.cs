using System.CommandLine;
using System.CommandLine.Parsing;
using Dit.Training;
using Dit.Training.Clusters;

namespace Dit.Cli;

/// <summary>What all clusters have in common: in how many parts which set is trained, and which adapter on it.</summary>
internal sealed class ClusterOptions
{
    private readonly Option<int?> jobs = Verb.Count("--jobs", "In how many parts the set is trained, each a job of its own.");
    private readonly Option<string?> adapter = new("--adapter") { Description = "Trains an adapter as well, once the set is there; its run folder.", HelpName = "FOLDER" };
    private readonly Option<string?> adapterOptions = new("--adapter-options") { Description = "Further options of dit adapter train, in one text, such as \"--epochs 10\".", HelpName = "TEXT" };
    private readonly Option<string?> dit;

    public ClusterOptions(string dit)
    {
        jobs.Required = true;
        this.dit = new Option<string?>("--dit") { Description = $"How a node starts dit; without it, {dit}.", HelpName = "COMMAND" };
    }

    /// <summary>What the diffs are to be.</summary>
    public DiffTrainOptions Diffs { get; } = new();

    /// <summary>Cores of a job.</summary>
    public Option<int?> Cpus { get; } = Verb.Count("--cpus", "Cores of a process.");

    /// <summary>Memory of a job.</summary>
    public Option<string?> Memory { get; } = new("--memory") { Description = "Memory of a job, in the cluster's notation, such as 16G.", HelpName = "SIZE" };

    /// <summary>Where the scripts go.</summary>
    public Option<string?> Write { get; } = new("--write") { Description = "Writes the scripts into this folder and submits nothing.", HelpName = "FOLDER" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { jobs, adapter, adapterOptions, dit, Cpus, Memory, Write })
        {
            command.Add(option);
        }

        Diffs.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(adapterOptions) is not { Tokens: [var text] })
            {
                return;
            }

            if (result.GetResult(adapter) is null)
            {
                result.AddError("--adapter-options is for --adapter.");
                return;
            }

            var parsed = AdapterTrainCommand.Create(default).Parse(["--out", "x", "--diffs", "x", .. CommandLineParser.SplitCommandLine(text.Value)]);
            if (parsed.Errors.Count > 0)
            {
                result.AddError($"--adapter-options: {parsed.Errors[0].Message}");
            }
        });
    }

    /// <summary>The run folder of the adapter; null where none is wanted.</summary>
    public string? AdapterFolder(ParseResult parsed) => parsed.GetValue(adapter);

    /// <summary>What is to be done on a set of so many shards.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="shards">How many shards the set will have; null where that is not known here.</param>
    /// <param name="set">The set's folder as it is seen here; null where it is not.</param>
    /// <param name="usualDit">How a node starts dit where nothing else was said.</param>
    public ClusterWork Work(ParseResult parsed, int? shards, string? set, string usualDit)
    {
        var folder = Diffs.Folder(parsed);
        var parts = Math.Min(parsed.GetValue(jobs)!.Value, shards ?? int.MaxValue);
        return new ClusterWork
        {
            Dit = parsed.GetValue(dit) ?? usualDit,
            DiffOptions = CommandLineText.Quote(Diffs.Given(parsed)),
            Parts = parts,
            Missing = shards is { } known && set is not null ? RunStatus.UnfinishedParts(set, known, parts) : [.. Enumerable.Range(0, parts)],
            AdapterOptions = parsed.GetValue(adapter) is { } run
                ? CommandLineText.Quote(["--out", run, "--diffs", folder, .. Diffs.GivenOfBase(parsed), .. CommandLineParser.SplitCommandLine(parsed.GetValue(adapterOptions) ?? "")])
                : null,
            Name = ClusterWork.NameOf(folder),
        };
    }
}
