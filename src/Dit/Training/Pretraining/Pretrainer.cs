using System.Diagnostics;
using Dit.Models.Decoding;
using Dit.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training.Pretraining;

/// <summary>Builds the tiny base model from nothing: trains its tokenizer, then the model on the text of the built-in world.</summary>
public static class Pretrainer
{
    private const int TokenizerDocuments = 40_000;
    private const int StepsPerCheckpoint = 250;
    private const double GradientLimit = 1;

    /// <summary>Runs, or goes on with, a pretraining; at the end the folder <c>model</c> of the run is the base model.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="settings">Shape, length and seed.</param>
    /// <param name="progress">Told about every step.</param>
    /// <param name="cancellation">Stops after a checkpoint is written; the same call goes on from there.</param>
    /// <returns>The folder of the finished model.</returns>
    /// <exception cref="DitException">The run folder belongs to another run, or a file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing is lost.</exception>
    public static string Run(string folder, TinyBaseSettings settings, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var run = RunFolder.OpenOrCreate(folder, "pretraining", settings);
        var model = run.File("model");
        var tokenizer = TrainTokenizer(model, settings, progress);
        using var scope = NewDisposeScope();
        var weights = TinyBase.DrawWeights(settings);
        foreach (var weight in weights.Values)
        {
            weight.requires_grad_(true);
        }

        using var decoder = new Decoder(ModelConfig.Read(model), weights);
        using var optimizer = new Adam(weights, new AdamSettings(Beta2: 0.98, WeightDecay: 0.01));
        foreach (var (name, weight) in weights)
        {
            weight.grad = optimizer.Gradient(name);
        }

        var checkpoint = run.File("checkpoint.safetensors");
        var position = RunCheckpoint.Restore(checkpoint, weights, optimizer, "chunk", "batch");
        run.KeepMetrics(optimizer.StepCount);

        var batches = new PretrainingBatches(tokenizer, settings);
        var rate = new LearningRate(settings.LearningRate, WarmupSteps: Math.Min(100, settings.Steps / 10), DecayToZero: true);
        var clock = Stopwatch.StartNew();
        var (chunk, next) = (position?["chunk"] ?? 0, (int)(position?["batch"] ?? 0));
        for (; optimizer.StepCount < settings.Steps; chunk++, next = 0)
        {
            var batchesOfChunk = batches.Chunk(chunk);
            for (; next < batchesOfChunk.Count && optimizer.StepCount < settings.Steps; next++)
            {
                var stop = cancellation.IsCancellationRequested;
                if (stop || (optimizer.StepCount % StepsPerCheckpoint == 0 && optimizer.StepCount > (position?["optimizer_steps"] ?? 0)))
                {
                    RunCheckpoint.Save(checkpoint, weights, optimizer, new Dictionary<string, long> { ["chunk"] = chunk, ["batch"] = next });
                    cancellation.ThrowIfCancellationRequested();
                }

                var loss = Step(decoder, optimizer, batchesOfChunk[next], rate.At(optimizer.StepCount, settings.Steps));
                run.AppendMetrics(new { step = optimizer.StepCount, loss, seconds = Math.Round(clock.Elapsed.TotalSeconds, 2) });
                progress?.Report(new TrainingProgress("Pretraining", optimizer.StepCount, settings.Steps, "steps", loss));
            }
        }

        TinyBase.WriteWeights(model, weights);
        return model;
    }

    /// <summary>The mean loss of a batch, weighted by token, and one step against it.</summary>
    private static double Step(Decoder decoder, Adam optimizer, PretrainingBatch batch, double learningRate)
    {
        using var scope = NewDisposeScope();
        var ids = tensor(batch.Ids, batch.Rows, batch.Length);
        // Only real tokens are predicted: each by the position before it.
        var targets = Enumerable.Range(0, batch.Ids.Length).Where(i => i % batch.Length != 0 && batch.Weights[i] > 0).Select(i => (long)i).ToArray();
        var hidden = decoder.HiddenStates(ids).reshape(-1, decoder.Config.HiddenSize).index_select(0, tensor(targets.Select(i => i - 1).ToArray()));
        var losses = nn.functional.cross_entropy(decoder.Logits(hidden), tensor(targets.Select(i => batch.Ids[i]).ToArray()), reduction: nn.Reduction.None);
        var weights = tensor(targets.Select(i => batch.Weights[i]).ToArray());
        var loss = (losses * weights).sum() / weights.sum();
        loss.backward();
        optimizer.ClipGradients(GradientLimit);
        optimizer.Step(learningRate);
        return loss.item<float>();
    }

    private static Tokenizer TrainTokenizer(string model, TinyBaseSettings settings, IProgress<TrainingProgress>? progress)
    {
        var file = Path.Combine(model, "tokenizer.json");
        if (!File.Exists(file))
        {
            progress?.Report(new TrainingProgress("Training the tokenizer", 0, settings.Steps, "steps"));
            BytePairTrainer.Train(
                WorldText.TokenizerText(settings.Seed, TokenizerDocuments), settings.VocabularySize,
                [WorldText.Padding, WorldText.TurnStart, WorldText.TurnEnd], file, WorldText.WholeWords);
        }

        var tokenizer = Tokenizer.Load(file);
        TinyBase.WriteConfig(model, settings, token => tokenizer.TokenId(token) ?? throw new DitException($"{file}: expected the token {token}, found none"));
        return tokenizer;
    }
}
