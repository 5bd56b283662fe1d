namespace Dit.Training.Clusters;

/// <summary>The words that go to a cluster.</summary>
public sealed class ClusterScriptTests
{
    private static readonly ClusterWork Work = new()
    {
        Dit = "/opt/dit/dit", DiffOptions = "--out runs/diffs --setting news", Parts = 8, Missing = [0, 1, 2, 5], AdapterOptions = "--out runs/adapter --diffs runs/diffs", Name = "diffs-01234567",
    };

    private static readonly SlurmSettings Settings = new()
    {
        WorkingFolder = "/home/me/my work", Logs = "/home/me/my work/runs/diffs/slurm", Partition = "gpu", Account = "lab", Time = "04:00:00", Cpus = 8, Gres = "gpu:1", Memory = "32G",
        More = ["--exclusive"], Before = ["module load dotnet"], Launcher = "mpirun -n 2", AdapterRanks = 2,
    };

    [Fact]
    public void An_array_job_has_the_missing_parts_and_says_of_how_many() => Assert.Equal(
        """
        #!/bin/bash
        #SBATCH --job-name=dit-diffs-diffs-01234567-8
        #SBATCH "--chdir=/home/me/my work"
        #SBATCH "--output=/home/me/my work/runs/diffs/slurm/diffs-%A_%a.out"
        #SBATCH --ntasks=1
        #SBATCH --array=0-2,5
        #SBATCH --partition=gpu
        #SBATCH --account=lab
        #SBATCH --time=04:00:00
        #SBATCH --cpus-per-task=8
        #SBATCH --gres=gpu:1
        #SBATCH --mem=32G
        #SBATCH --exclusive
        set -e
        export OMP_NUM_THREADS=8 SRUN_CPUS_PER_TASK=8
        module load dotnet
        exec /opt/dit/dit diff train --out runs/diffs --setting news --shard "$SLURM_ARRAY_TASK_ID/8"

        """, SlurmScripts.Diffs(Work, Settings));

    [Theory]
    [InlineData("/w", "/w")]
    [InlineData("/my work", "\"--chdir=/my work\"")]
    [InlineData("/w#1", "\"--chdir=/w#1\"")]
    [InlineData("/a \"b\" 'c'", "\"--chdir=/a \\\"b\\\" 'c'\"")]
    public void Options_are_written_as_Slurm_reads_them(string folder, string written) =>
        Assert.Contains($"\n#SBATCH {(folder == written ? "--chdir=" : "")}{written}\n", SlurmScripts.Diffs(Work, Settings with { WorkingFolder = folder }), StringComparison.Ordinal);

    [Theory]
    [InlineData("/a\\b")]
    [InlineData("/a\nb")]
    public void Options_that_Slurm_cannot_read_are_refused(string folder) =>
        Assert.Contains("expected an option without backslash and line break", Assert.Throws<DitException>(() => SlurmScripts.Diffs(Work, Settings with { WorkingFolder = folder })).Message, StringComparison.Ordinal);

    [Fact]
    public void Percent_signs_of_a_folder_stay_what_they_are() =>
        Assert.Contains("\n#SBATCH --output=/100%%/diffs-%A_%a.out\n", SlurmScripts.Diffs(Work, Settings with { Logs = "/100%" }), StringComparison.Ordinal);

    [Fact]
    public void An_adapter_of_several_ranks_is_started_by_the_launcher() => Assert.EndsWith(
        """
        #SBATCH --ntasks=2
        set -e
        /opt/dit/dit diff train --out runs/diffs --setting news
        exec mpirun -n 2 /opt/dit/dit adapter train --mpi --out runs/adapter --diffs runs/diffs

        """, SlurmScripts.Adapter(Work, new SlurmSettings { WorkingFolder = "/w", Logs = "/w", Launcher = "mpirun -n 2", AdapterRanks = 2 }), StringComparison.Ordinal);

    [Fact]
    public void One_rank_needs_no_launcher() => Assert.EndsWith(
        "\nexec /opt/dit/dit adapter train --out runs/adapter --diffs runs/diffs\n",
        SlurmScripts.Adapter(Work, Settings with { AdapterRanks = 1 }), StringComparison.Ordinal);

    [Fact]
    public void An_indexed_job_lists_the_parts_that_its_indices_stand_for() => Assert.Equal(
        """
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: dit-diffs-diffs-01234567
        spec:
          completionMode: Indexed
          completions: 4
          parallelism: 4
          backoffLimitPerIndex: 3
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: dit
                  image: "registry.example/dit:1"
                  workingDir: "/data"
                  command: ["/bin/sh", "-c", "set -- 0 1 2 5; shift \"$JOB_COMPLETION_INDEX\"; exec /opt/dit/dit diff train --out runs/diffs --setting news --shard \"$1/8\""]
                  resources:
                    limits:
                      cpu: "4"
                      nvidia.com/gpu: "1"
                  env:
                    - name: OMP_NUM_THREADS
                      value: "4"
                  volumeMounts:
                    - name: work
                      mountPath: "/data"
              volumes:
                - name: work
                  persistentVolumeClaim:
                    claimName: "shared"

        """, KubernetesJobs.Diffs(Work, new KubernetesSettings { Image = "registry.example/dit:1", Claim = "shared", Mount = "/data", Cpus = 4, Gpus = 1 }));

    [Theory]
    [InlineData("", "")]
    [InlineData("3", "3")]
    [InlineData("0 1 2 3", "0-3")]
    [InlineData("0 2 3 7", "0,2-3,7")]
    public void Numbers_that_follow_one_another_are_a_range(string numbers, string ranges) =>
        Assert.Equal(ranges, ClusterWork.Ranges([.. numbers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]));

    [Fact]
    public void Work_on_one_folder_has_one_name_and_that_on_another_another()
    {
        Assert.Equal(ClusterWork.NameOf("runs/diffs"), ClusterWork.NameOf("runs/../runs/diffs/"));
        Assert.NotEqual(ClusterWork.NameOf("runs/diffs"), ClusterWork.NameOf("other/diffs"));
        Assert.Matches("^meine-dfe-[0-9a-f]{8}$", ClusterWork.NameOf("/tmp/Meine-Düfe"));
        Assert.Matches("^[0-9a-f]{8}$", ClusterWork.NameOf("/tmp/___"));
    }
}
