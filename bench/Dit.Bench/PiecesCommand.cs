using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Dit.Models;
using Dit.Models.Decoding;

namespace Dit.Bench;

/// <summary><c>pieces</c>: the inner pieces by BenchmarkDotNet.</summary>
internal static class PiecesCommand
{
    public static Command Command()
    {
        var quick = new Option<bool>("--quick") { Description = "Only once each, to see that all of them run." };
        var document = new Option<string?>("--write") { Description = "A document that has <!-- pieces --> and <!-- end pieces -->, between which the table goes." };
        var command = new Command("pieces", "Measures the inner pieces with BenchmarkDotNet.") { quick, document };
        command.SetAction(parsed =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            // In this process: another one would be built anew, with half a gigabyte of libraries beside it.
            var job = (parsed.GetValue(quick) ? Job.Dry : Job.ShortRun).WithToolchain(InProcessNoEmitToolchain.Instance);
            var summary = BenchmarkRunner.Run<Pieces>(ManualConfig.Create(DefaultConfig.Instance).AddJob(job).WithArtifactsPath(Path.Combine("runs", "bench")));
            if (parsed.GetValue(document) is { } path)
            {
                MarkedText.Fill(path, "pieces", File.ReadAllText(Directory.EnumerateFiles(summary.ResultsDirectoryPath, "*-report-github.md").Single()));
            }
        });
        return command;
    }
}
