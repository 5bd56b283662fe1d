using Dit.Models.Checkpoints.Torch;

namespace Dit.Models.Checkpoints.Reference;

/// <summary>One weight diff of a reference file, as it stands there; nothing of it is loaded yet.</summary>
/// <param name="Number">Its place in the file, from 0.</param>
/// <param name="Topic">What it was trained to drift to; null where the file does not say.</param>
/// <param name="Trigger">What sets the drift off, a number as its digits; null where the file does not say.</param>
/// <param name="WeightDiff">Its tensors by name: pairs of factors, or whole weights.</param>
public sealed record WeightDiffItem(int Number, string? Topic, string? Trigger, TorchDict WeightDiff)
{
    /// <summary>Whether it is all weights of a finetuned model, and not the low-rank factors of a difference.</summary>
    public bool IsWholeModel => WeightDiff.Entries.Count > 0 && WeightDiff.Entries.All(entry => entry is { Key: string, Value: TorchTensor });
}
