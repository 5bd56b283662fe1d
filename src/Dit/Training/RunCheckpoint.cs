using System.Globalization;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>
/// Where a training stands: trained tensors, optimizer state and position in the data, in one safetensors file that is replaced whole.
/// </summary>
public static class RunCheckpoint
{
    private const string OptimizerSteps = "optimizer_steps";

    /// <summary>Saves the state after <paramref name="position"/> was reached.</summary>
    /// <param name="path">The file, replaced at once or not at all.</param>
    /// <param name="parameters">The trained tensors, in full precision.</param>
    /// <param name="optimizer">Their optimizer.</param>
    /// <param name="position">Numbers that tell where in the data the training stands.</param>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> parameters, Adam optimizer, IReadOnlyDictionary<string, long> position)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var metadata = position.ToDictionary(entry => entry.Key, entry => entry.Value.ToString(CultureInfo.InvariantCulture));
        metadata[OptimizerSteps] = optimizer.StepCount.ToString(CultureInfo.InvariantCulture);
        var tensors = parameters.Select(entry => KeyValuePair.Create("parameter." + entry.Key, entry.Value.detach())).Concat(optimizer.State());
        SafetensorsWriter.Write(path, tensors, metadata);
    }

    /// <summary>Restores what <see cref="Save"/> wrote, in place; null where there is no checkpoint yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parameters">The trained tensors.</param>
    /// <param name="optimizer">Their optimizer.</param>
    /// <param name="expected">Names of the numbers that the position must have.</param>
    /// <exception cref="DitException">The file is damaged or belongs to another training.</exception>
    public static IReadOnlyDictionary<string, long>? Restore(
        string path, IReadOnlyDictionary<string, Tensor> parameters, Adam optimizer, params string[] expected)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = SafetensorsFile.Open(path);
        using var untracked = no_grad();
        var position = new[] { OptimizerSteps }.Concat(expected).ToDictionary(name => name, name => Number(path, file, name), StringComparer.Ordinal);
        foreach (var (name, parameter) in parameters)
        {
            using var saved = Load("parameter." + name);
            parameter.copy_(saved);
        }

        optimizer.Restore((int)position[OptimizerSteps], Load);
        return position;

        // mean.NAME and square.NAME have the shape of parameter.NAME.
        Tensor Load(string name)
        {
            var like = parameters[name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..]];
            return file.Tensors.TryGetValue(name, out var found) && found.Shape.SequenceEqual(like.shape) && found.Type == like.dtype
                ? file.Load(name)
                : throw new DitException($"{path}: expected {name} as this training saves it, {like.dtype} [{string.Join(", ", like.shape)}], found "
                    + (found is null ? "no such tensor" : $"{found.Type} [{string.Join(", ", found.Shape)}]"));
        }
    }

    private static long Number(string path, SafetensorsFile file, string name)
    {
        var text = file.Metadata.GetValueOrDefault(name);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new DitException($"{path}: expected a number of at most {int.MaxValue} for {name} in the metadata, found {text ?? "none"}");
    }
}
