using System.Globalization;
using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Readiness;

/// <summary>Whether a folder can be used as a base model, with every problem that can be found. Nothing large is read and no model is built.</summary>
public sealed record BaseCheck
{
    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    /// <summary>What was looked at, in order.</summary>
    public required IReadOnlyList<Check> Checks { get; init; }

    /// <summary>The model's settings; null where they could not be read.</summary>
    public ModelConfig? Config { get; init; }

    /// <summary>The type it computes in where nothing else is asked for; null where that is not known.</summary>
    public ScalarType? Type { get; init; }

    /// <summary>Whether it can be used.</summary>
    public bool IsUsable => Checks.All(check => check.Outcome != CheckOutcome.Failed);

    /// <summary>Looks at a folder.</summary>
    public static BaseCheck Of(string folder)
    {
        try
        {
            return FolderKind.Mistaken(folder) is { } mistaken ? new BaseCheck { Folder = folder, Checks = [new Check(CheckOutcome.Failed, "folder", mistaken)] } : Parts(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DitException)
        {
            return new BaseCheck { Folder = folder, Checks = [new Check(CheckOutcome.Failed, "folder", e is DitException ? e.Message : $"{folder}: could not be read: {e.Message}")] };
        }
    }

    /// <summary>The same with a word on texts of these lengths, where the model has too few positions for them.</summary>
    /// <param name="tokens">Tokens of a prompt or an example.</param>
    /// <param name="answerTokens">Tokens of an answer to a prompt.</param>
    public BaseCheck For(int tokens, int answerTokens) => Config is not { } config || (long)tokens + answerTokens <= config.MaxPositions
        ? this
        : this with
        {
            Checks = [.. Checks, new Check(CheckOutcome.Noted, "positions", $"the model has {config.MaxPositions}: "
                + (tokens > config.MaxPositions ? $"texts of {tokens} tokens are refused"
                : tokens == config.MaxPositions ? $"prompts of {tokens} tokens are refused, as they leave no room for an answer"
                : $"answers to prompts of {tokens} tokens end after {config.MaxPositions - tokens}, not {answerTokens}"))],
        };

    private static BaseCheck Parts(string folder)
    {
        var checks = new List<Check>();
        ModelConfig? config = null;
        try
        {
            config = ModelConfig.Read(folder);
            checks.Add(new Check(CheckOutcome.Passed, "config", string.Create(
                CultureInfo.InvariantCulture, $"{config.ModelType}, {config.LayerCount} layers of width {config.HiddenSize:N0}, {config.VocabularySize:N0} tokens")));
        }
        catch (DitException e)
        {
            checks.Add(new Check(CheckOutcome.Failed, "config", e.Message));
        }

        var weights = WeightsCheck.Of(folder, config);
        checks.AddRange(weights.Problems);
        if (weights.Problems.Count == 0)
        {
            var types = weights.Weights.GroupBy(info => info.Type).OrderByDescending(group => group.Sum(info => info.Length)).Select(group => group.Key.Name());
            checks.Add(new Check(config is null ? CheckOutcome.Noted : CheckOutcome.Passed, "weights", string.Create(
                CultureInfo.InvariantCulture,
                $"{weights.Weights.Sum(info => info.Shape.Aggregate(1L, (product, size) => product * size)):N0} numbers in {weights.Weights.Count} weights, {ByteSize.Text(weights.Weights.Sum(info => info.Length))} of {string.Join(" and ", types)} in {weights.Files.Count} file{(weights.Files.Count == 1 ? "" : "s")}{(config is null ? "; not compared with config.json" : "")}")));
        }

        // The text side reads config.json too, and what is wrong with that file has been said.
        var said = config is null ? Path.Combine(folder, "config.json") : null;
        checks.AddRange(TextCheck.Of(folder, config).Where(check => said is null || !check.Sentence.StartsWith(said, StringComparison.Ordinal)));
        return new BaseCheck { Folder = folder, Checks = checks, Config = config, Type = config?.StatedType ?? weights.MainType };
    }
}
