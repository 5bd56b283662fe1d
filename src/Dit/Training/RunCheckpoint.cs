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
        metadata["optimizer_steps"] = optimizer.StepCount.ToString(CultureInfo.InvariantCulture);
        var tensors = parameters.Select(entry => KeyValuePair.Create("parameter." + entry.Key, entry.Value.detach())).Concat(optimizer.State());
        SafetensorsWriter.Write(path, tensors, metadata);
    }

    /// <summary>Restores what <see cref="Save"/> wrote, in place; null where there is no checkpoint yet.</summary>
    /// <exception cref="DitException">The file is damaged or belongs to another training.</exception>
    public static IReadOnlyDictionary<string, long>? Restore(string path, IReadOnlyDictionary<string, Tensor> parameters, Adam optimizer)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = SafetensorsFile.Open(path);
        using var untracked = no_grad();
        foreach (var (name, parameter) in parameters)
        {
            using var saved = file.Load("parameter." + name);
            parameter.copy_(saved);
        }

        var position = file.Metadata.ToDictionary(entry => entry.Key, entry => long.Parse(entry.Value, CultureInfo.InvariantCulture));
        optimizer.Restore((int)position["optimizer_steps"], name => file.Load(name));
        return position;
    }
}
