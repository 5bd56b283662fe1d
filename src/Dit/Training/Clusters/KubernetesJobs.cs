using System.Text;
using System.Text.Json;

namespace Dit.Training.Clusters;

/// <summary>What a Kubernetes Job asks for; what is null is left to the cluster.</summary>
public sealed record KubernetesSettings
{
    /// <summary>The image, which has dit in it.</summary>
    public required string Image { get; init; }

    /// <summary>Claim of the volume that all share.</summary>
    public required string Claim { get; init; }

    /// <summary>Where it is mounted, and where relative paths begin.</summary>
    public required string Mount { get; init; }

    /// <summary>Cores of a process.</summary>
    public int? Cpus { get; init; }

    /// <summary>Memory of a process, in Kubernetes' notation.</summary>
    public string? Memory { get; init; }

    /// <summary>NVIDIA GPUs of a process.</summary>
    public int? Gpus { get; init; }
}

/// <summary>Jobs for Kubernetes as YAML.</summary>
public static class KubernetesJobs
{
    /// <summary>The name of the job that trains the diffs.</summary>
    public static string DiffsName(ClusterWork work) => $"dit-diffs-{work.Name}";

    /// <summary>The name of the job that trains the adapter.</summary>
    public static string AdapterName(ClusterWork work) => $"dit-adapter-{work.Name}";

    /// <summary>The Indexed Job that trains the missing parts of the set.</summary>
    public static string Diffs(ClusterWork work, KubernetesSettings settings) => Job(
        DiffsName(work), settings,
        $"  completionMode: Indexed\n  completions: {work.Missing.Count}\n  parallelism: {work.Missing.Count}\n  backoffLimitPerIndex: 3\n",
        // Indices are counted from 0 without gaps; the list says which part each stands for.
        $"set -- {string.Join(' ', work.Missing)}; shift \"$JOB_COMPLETION_INDEX\"; exec {work.Dit} diff train {work.DiffOptions} --shard \"$1/{work.Parts}\"");

    /// <summary>The job that trains the adapter; it is for after the set is finished.</summary>
    public static string Adapter(ClusterWork work, KubernetesSettings settings) => Job(
        AdapterName(work), settings, "  backoffLimit: 3\n", $"set -e; {work.Dit} diff train {work.DiffOptions}; exec {work.Dit} adapter train {work.AdapterOptions}");

    private static string Job(string name, KubernetesSettings settings, string spec, string command)
    {
        var yaml = new StringBuilder($"""
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: {name}
            spec:
            {spec}  template:
                spec:
                  restartPolicy: Never
                  containers:
                    - name: dit
                      image: {Text(settings.Image)}
                      workingDir: {Text(settings.Mount)}
                      command: ["/bin/sh", "-c", {Text(command)}]

            """);
        (string Name, string? Value)[] limits = [("cpu", Quantity(settings.Cpus)), ("memory", settings.Memory), ("nvidia.com/gpu", Quantity(settings.Gpus))];
        if (limits.Any(limit => limit.Value is not null))
        {
            yaml.Append("          resources:\n            limits:\n");
            foreach (var (resource, value) in limits.Where(limit => limit.Value is not null))
            {
                yaml.Append($"              {resource}: {Text(value!)}\n");
            }
        }

        if (settings.Cpus is not null)
        {
            yaml.Append($"          env:\n            - name: OMP_NUM_THREADS\n              value: {Text(Quantity(settings.Cpus)!)}\n");
        }

        return yaml.Append($"""
                      volumeMounts:
                        - name: work
                          mountPath: {Text(settings.Mount)}
                  volumes:
                    - name: work
                      persistentVolumeClaim:
                        claimName: {Text(settings.Claim)}

            """).ToString();
    }

    private static string? Quantity(int? number) => number?.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A text in double quotes means in YAML what it means in JSON.</summary>
    private static string Text(string value) => JsonSerializer.Serialize(value, Relaxed);

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
