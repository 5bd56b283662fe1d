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
        checks.AddRange(weights.Problems.Select(problem => new Check(CheckOutcome.Failed, "weights", problem)));
        if (weights.Problems.Count == 0)
        {
            var types = weights.Weights.GroupBy(info => info.Type).OrderByDescending(group => group.Sum(info => info.Length)).Select(group => group.Key.Name());
            checks.Add(new Check(CheckOutcome.Passed, "weights", string.Create(
                CultureInfo.InvariantCulture,
                $"{weights.Weights.Sum(info => info.Shape.Aggregate(1L, (product, size) => product * size)):N0} numbers in {weights.Weights.Count} weights, {ByteSize.Text(weights.Weights.Sum(info => info.Length))} of {string.Join(" and ", types)} in {weights.Files.Count} file{(weights.Files.Count == 1 ? "" : "s")}")));
        }

        checks.AddRange(TextCheck.Of(folder, config));
        return new BaseCheck { Folder = folder, Checks = checks, Config = config, Type = config?.StatedType ?? weights.MainType };
    }
}
