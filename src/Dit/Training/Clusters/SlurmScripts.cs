using System.Text;

namespace Dit.Training.Clusters;

/// <summary>What a Slurm job asks for; what is null is left to the cluster.</summary>
public sealed record SlurmSettings
{
    /// <summary>Where jobs run, so that relative paths mean what they mean here.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>Where the jobs' output goes.</summary>
    public required string Logs { get; init; }

    /// <summary>Partition.</summary>
    public string? Partition { get; init; }

    /// <summary>Account that is charged.</summary>
    public string? Account { get; init; }

    /// <summary>Time limit of a job, in Slurm's notation.</summary>
    public string? Time { get; init; }

    /// <summary>Cores of a process.</summary>
    public int? Cpus { get; init; }

    /// <summary>Generic resources, such as <c>gpu:1</c>.</summary>
    public string? Gres { get; init; }

    /// <summary>Memory of a node's job, in Slurm's notation.</summary>
    public string? Memory { get; init; }

    /// <summary>Further options of sbatch, each one argument, such as <c>--exclusive</c> or <c>--comment=a b</c>.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    /// <summary>Lines of shell before dit, such as <c>module load dotnet</c>.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    /// <summary>Processes that train the adapter together.</summary>
    public int AdapterRanks { get; init; } = 1;

    /// <summary>What starts these where they are several.</summary>
    public required string Launcher { get; init; }
}

/// <summary>The scripts that sbatch gets.</summary>
public static class SlurmScripts
{
    private const string Shell = "#!/bin/bash\n";

    /// <summary>The name of the array job. It says how many parts there are: an index means nothing without.</summary>
    public static string DiffsName(ClusterWork work) => $"{DiffsPrefix(work)}{work.Parts}";

    /// <summary>What the names of all array jobs for this set begin with.</summary>
    public static string DiffsPrefix(ClusterWork work) => $"dit-diffs-{work.Name}-";

    /// <summary>The name of the job that trains the adapter.</summary>
    public static string AdapterName(ClusterWork work) => $"dit-adapter-{work.Name}";

    /// <summary>The array job that trains the missing parts of the set.</summary>
    public static string Diffs(ClusterWork work, SlurmSettings settings) => Head(DiffsName(work), settings, "diffs-%A_%a.out", ["--ntasks=1", $"--array={ClusterWork.Ranges(work.Missing)}"])
        .Append($"exec {work.Dit} diff train {work.DiffOptions} --shard \"$SLURM_ARRAY_TASK_ID/{work.Parts}\"\n").ToString();

    /// <summary>The job that trains the adapter once the set is there.</summary>
    public static string Adapter(ClusterWork work, SlurmSettings settings)
    {
        var isParallel = settings.AdapterRanks > 1;
        return Head(AdapterName(work), settings, "adapter-%j.out", [$"--ntasks={settings.AdapterRanks}"])
            // Nothing is left to train; it makes sure of that, and that the set is whole as this node sees it.
            .Append($"{work.Dit} diff train {work.DiffOptions}\n")
            .Append($"exec {(isParallel ? settings.Launcher + " " : "")}{work.Dit} adapter train{(isParallel ? " --mpi" : "")} {work.AdapterOptions}\n").ToString();
    }

    private static StringBuilder Head(string name, SlurmSettings settings, string log, IReadOnlyList<string> own)
    {
        var script = new StringBuilder(Shell);
        string?[] options =
        [
            $"--job-name={name}", $"--chdir={settings.WorkingFolder}", $"--output={settings.Logs.Replace("%", "%%", StringComparison.Ordinal)}/{log}",
            .. own,
            Option("--partition", settings.Partition), Option("--account", settings.Account), Option("--time", settings.Time),
            settings.Cpus is { } cpus ? $"--cpus-per-task={cpus}" : null, Option("--gres", settings.Gres), Option("--mem", settings.Memory),
            .. settings.More,
        ];
        foreach (var option in options.OfType<string>())
        {
            script.Append($"#SBATCH {Quoted(option)}\n");
        }

        script.Append("set -e\n");
        if (settings.Cpus is { } cores)
        {
            // Since Slurm 22.05, srun no longer asks for as many as the job has.
            script.Append($"export OMP_NUM_THREADS={cores} SRUN_CPUS_PER_TASK={cores}\n");
        }

        foreach (var line in settings.Before)
        {
            script.Append(line).Append('\n');
        }

        return script;
    }

    private static string? Option(string name, string? value) => value is null ? null : $"{name}={value}";

    /// <summary>As the lines of sbatch's options are read: in double quotes where there is a space, a quote or what begins a comment.</summary>
    private static string Quoted(string option) =>
        option.IndexOfAny(['\\', '\n', '\r']) >= 0 ? throw new DitException($"{option}: expected an option without backslash and line break, which Slurm takes for something else")
        : option.Any(c => char.IsWhiteSpace(c) || c is '"' or '\'' or '#') ? $"\"{option.Replace("\"", "\\\"", StringComparison.Ordinal)}\""
        : option;
}
