using System.CommandLine;
using Dit.Files;
using Dit.Training;
using Dit.Training.Clusters;

namespace Dit.Cli;

/// <summary><c>dit cluster kubernetes</c>: the Indexed Job that trains a diff set, and the job that trains an adapter after it, as YAML.</summary>
internal static class ClusterKubernetesCommand
{
    public static Command Create()
    {
        var options = new ClusterOptions("dit");
        options.Write.Required = true;
        var image = new Option<string>("--image") { Description = "Image that has dit in it.", Required = true, HelpName = "IMAGE" };
        var claim = new Option<string>("--claim") { Description = "Claim of the volume that all share, with the base and the set's folder on it.", Required = true, HelpName = "NAME" };
        var mount = new Option<string>("--mount") { Description = "Where the volume is mounted, and where relative paths begin.", HelpName = "FOLDER", DefaultValueFactory = _ => "/data" };
        var here = new Option<string?>("--volume") { Description = "Where this machine sees the volume; with it, only what is missing is in the job.", HelpName = "FOLDER" };
        var gpus = Verb.Count("--gpus", "NVIDIA GPUs of a process.");
        var command = new Command("kubernetes", "Writes the missing parts of a diff set as an Indexed Job, and an adapter's training after it. Takes what dit diff train takes.") { image, claim, mount, here, gpus };
        options.AddTo(command);
        return command.Does(parsed =>
        {
            var set = parsed.GetValue(here) is { } volume ? Path.Combine(volume, BelowMount(options.Diffs.Folder(parsed), parsed.GetValue(mount)!)) : null;
            var shards = set is not null && Directory.Exists(set) ? RunStatus.Read(set).Shards : null;
            var work = options.Work(parsed, shards, set, "dit");
            var settings = new KubernetesSettings
            {
                Image = parsed.GetValue(image)!,
                Claim = parsed.GetValue(claim)!,
                Mount = parsed.GetValue(mount)!,
                Cpus = parsed.GetValue(options.Cpus),
                Memory = parsed.GetValue(options.Memory),
                Gpus = parsed.GetValue(gpus),
            };
            var folder = parsed.GetValue(options.Write)!;
            if (work.Missing.Count > 0)
            {
                Say.Plain(Apply(KubernetesJobs.DiffsName(work), Write(folder, "diffs.yaml", KubernetesJobs.Diffs(work, settings))));
            }
            else
            {
                Say.Plain("All diffs are there.");
            }

            if (work.AdapterOptions is not null)
            {
                if (work.Missing.Count > 0)
                {
                    // It does not return if the job fails, but then there is nothing to train on.
                    Say.Plain($"kubectl wait --for=condition=complete --timeout=-1s job/{KubernetesJobs.DiffsName(work)}");
                }

                Say.Plain(Apply(KubernetesJobs.AdapterName(work), Write(folder, "adapter.yaml", KubernetesJobs.Adapter(work, settings))));
            }
        });
    }

    // A job cannot be changed, only made anew.
    private static string Apply(string job, string file) => $"kubectl delete job {job} --ignore-not-found && kubectl apply -f {CommandLineText.Quote([file])}";

    private static string Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        AtomicFile.WriteText(path, text);
        return path;
    }

    private static string BelowMount(string path, string mount)
    {
        var below = Path.GetRelativePath(mount, Path.Combine(mount, path));
        return below.StartsWith("..", StringComparison.Ordinal)
            ? throw new DitException($"--out: expected a folder on the volume, below {mount}, found {path}")
            : below;
    }
}
