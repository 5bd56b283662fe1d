using System.CommandLine;
using Dit.Diffs.Inspection;
using Dit.Models.Generation;
using Dit.Models.Readiness;
using Dit.Training;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary><c>dit doctor</c>: can this folder be used as a base, and what for on this machine?</summary>
internal static class DoctorCommand
{
    private const int Batch = 8, Tokens = 256;

    public static Command Create()
    {
        var folder = new Argument<string?>("BASE") { Description = "Folder of the base model; without it, the shipped tiny one.", Arity = ArgumentArity.ZeroOrOne };
        var batch = Verb.Count("--batch", $"Answers, diffs or questions at once; without it, {Batch}.");
        var tokens = Verb.Count("--tokens", $"Tokens of a prompt or an example; without it, {Tokens}.");
        var rank = Verb.Count("--rank", $"LoRA rank of a diff; without it, {new DiffRecipe().Rank}.");
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        return new Command("doctor", "Checks whether a folder can be used as a base, and what fits into this machine's memory.") { folder, batch, tokens, rank, json }.Does(parsed =>
        {
            var check = BaseCheck.Of(parsed.GetValue(folder) ?? Shipped.Base);
            var machine = Machine.Read();
            var settings = new DoctorSettings(
                parsed.GetValue(batch) ?? Batch, parsed.GetValue(tokens) ?? Tokens, new GenerationSettings().MaxNewTokens, parsed.GetValue(rank) ?? new DiffRecipe().Rank, new AdapterRecipe().Rank);
            check = check.For(settings.Tokens, settings.AnswerTokens);
            var plan = check.Config is { } config
                ? MemoryPlan.Of(config, Types(check.Type), settings.Batch, settings.Tokens, settings.AnswerTokens, settings.Rank, settings.AdapterRank, machine.Memory.Available)
                : [];
            if (parsed.GetValue(json))
            {
                Json.Print(DoctorJson.Of(check, machine, settings, plan));
            }
            else
            {
                DoctorReport.Print(check, machine, settings, plan);
            }

            return check.IsUsable && plan.Any(work => work is { Work: Work.Asking, LargestBatch: > 0 }) ? ExitCode.Success : ExitCode.Failure;
        });
    }

    /// <summary>The model's own type first, and the two that matter on a CPU.</summary>
    private static ScalarType[] Types(ScalarType? own) => [.. new[] { own ?? ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float32 }.Distinct()];
}

/// <summary>What memory is asked about.</summary>
internal sealed record DoctorSettings(int Batch, int Tokens, int AnswerTokens, int Rank, int AdapterRank);
