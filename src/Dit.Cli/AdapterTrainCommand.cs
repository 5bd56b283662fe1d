using System.CommandLine;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Training;
using Dit.Training.DataParallel;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary><c>dit adapter train</c>: a DIT adapter on diff sets.</summary>
internal static class AdapterTrainCommand
{
    public static Command Create(CancellationToken stop)
    {
        var folder = Verb.Out("Run folder; a stopped run in it goes on. Its subfolder adapter becomes the adapter.");
        var diffs = new Option<string[]>("--diffs")
        {
            Description = "Folder of a diff set to learn from; may be given again, such as for another setting.", Required = true, HelpName = "SET", Arity = ArgumentArity.OneOrMore,
        };
        var baseFolder = Verb.Base();
        var seed = Verb.Seed();
        var epochs = Verb.Count("--epochs", "Passes over the diffs; without it, those of the recipe.");
        var rank = Verb.Count("--rank", "LoRA rank of the adapter; without it, that of the recipe.");
        var learningRate = LearningRate();
        var rowsAtOnce = Verb.Count("--rows-at-once", "Rows of a batch computed at once, for less memory and the same result but for rounding; without it, all of them.");
        var recompute = Verb.Recompute();
        var scale = Recipes.Choice();
        var dtype = Verb.Type(otherwise: ScalarType.Float32);
        var baseWeights = Verb.BaseWeights();
        var device = Verb.Device();
        var mpi = new Option<bool>("--mpi") { Description = "Trains in as many processes as mpirun or srun has started; they share the rows of every batch." };
        var command = new ResumableCommand("train", "Trains the adapter that makes a finetune tell what it learned.")
        {
            folder, diffs, baseFolder, seed, epochs, rank, learningRate, rowsAtOnce, recompute, scale, dtype, baseWeights, device, mpi,
        };
        command.RequireFloat32Under(baseWeights, dtype);
        return command.Does(parsed =>
        {
            // First, so that one that finds no other says so at once.
            if (!parsed.GetValue(mpi))
            {
                Train(parsed, new SingleProcess());
                return ExitCode.Success;
            }

            var ranks = MpiCommunicator.Join();
            CpuTuning.ShareCores(MpiCommunicator.LocalSize);
            try
            {
                Train(parsed, ranks, MpiCommunicator.LocalRank);
            }
            catch (OperationCanceledException)
            {
                ranks.Leave();
                if (ranks.Rank == 0)
                {
                    throw; // It says how to go on, once for all.
                }

                return ExitCode.Interrupted;
            }

            ranks.Leave();
            return ExitCode.Success;
        });

        void Train(ParseResult parsed, ICommunicator ranks, int localRank = 0)
        {
            DiffSet[] sets = [.. parsed.GetValue(diffs)!.Select(DiffSet.Open)];
            using var model = BaseModel.Load(
                parsed.GetValue(baseFolder) ?? Shipped.Base,
                parsed.GetValue(dtype) ?? ScalarType.Float32,
                ComputeDevice.Find(parsed.GetValue(device)!, localRank),
                parsed.GetValue(baseWeights) ?? KeptWeights.AsComputed);
            var recipe = Recipes.Adapter(model, parsed.GetValue(scale));
            recipe = recipe with
            {
                Seed = parsed.GetValue(seed),
                Epochs = parsed.GetValue(epochs) ?? recipe.Epochs,
                Rank = parsed.GetValue(rank) ?? recipe.Rank,
                LearningRate = parsed.GetValue(learningRate) ?? recipe.LearningRate,
                RowsAtOnce = parsed.GetValue(rowsAtOnce),
                Recompute = parsed.GetValue(recompute),
            };
            var run = parsed.GetValue(folder)!;
            if (ranks.Rank > 0)
            {
                AdapterTrainingRun.Run(run, model, sets, recipe, ranks, progress: null, stop);
                return;
            }

            var adapter = ProgressDisplay.Show(progress => AdapterTrainingRun.Run(run, model, sets, recipe, ranks, progress, stop));
            Say.Plain($"The adapter, trained on {adapter.Card!.Diffs} diffs, is in {Path.Combine(run, "adapter")}");
        }
    }

    private static Option<double?> LearningRate()
    {
        var option = new Option<double?>("--learning-rate") { Description = "Highest learning rate; without it, that of the recipe.", HelpName = "RATE" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && double.TryParse(token.Value, out var rate) && !(rate > 0 && double.IsFinite(rate)))
            {
                result.AddError($"--learning-rate must be above 0, not {token.Value}.");
            }
        });
        return option;
    }
}
