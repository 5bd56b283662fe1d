using System.CommandLine;
using Dit.Training.Pretraining;

namespace Dit.Cli;

/// <summary><c>dit pretrain</c>: the tiny base model from nothing.</summary>
internal static class PretrainCommand
{
    public static Command Create(CancellationToken stop)
    {
        var folder = Verb.Out("Run folder; a stopped run in it goes on. Its subfolder model becomes the base model.");
        var seed = Verb.Seed();
        var steps = Verb.Count("--steps", "Optimizer steps; without it, those of the shipped base.");
        return new ResumableCommand("pretrain", "Builds the tiny base model from nothing, tokenizer included.") { folder, seed, steps }.Does(parsed =>
        {
            var settings = new TinyBaseSettings { Seed = parsed.GetValue(seed) };
            settings = settings with { Steps = parsed.GetValue(steps) ?? settings.Steps };
            var model = ProgressDisplay.Show(progress => Pretrainer.Run(parsed.GetValue(folder)!, settings, progress, stop));
            Say.Plain($"The base model is in {model}");
        });
    }
}
