using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>What is added to a model for each of many prompts, made for those that are being answered and not for all at once.</summary>
/// <param name="Numbers">For each prompt which addition it has: prompts of the same number have the same one.</param>
/// <param name="Of">
/// The overlays of a batch whose rows have the additions of these numbers, in their order. Tensors it makes belong to the current dispose scope; those
/// of one call are no longer used when it is called again.
/// </param>
public sealed record PromptOverlays(IReadOnlyList<int> Numbers, Func<IReadOnlyList<int>, Overlays> Of)
{
    /// <summary>Overlays for a batch of all prompts in their order. Where they are the same for all rows, so are they for all prompts.</summary>
    /// <param name="overlays">What is added.</param>
    /// <param name="prompts">How many prompts there are.</param>
    /// <param name="device">Where the overlays are.</param>
    /// <exception cref="DitException">The overlays have factors for another number of rows.</exception>
    internal static PromptOverlays From(Overlays overlays, int prompts, Device device)
    {
        overlays.RequireRows(prompts);
        return overlays.AreShared
            ? new([.. Enumerable.Repeat(0, prompts)], _ => overlays)
            : new([.. Enumerable.Range(0, prompts)], rows => rows.SequenceEqual(Enumerable.Range(0, prompts)) ? overlays : Selected(overlays, rows, device));
    }

    private static Overlays Selected(Overlays overlays, IReadOnlyList<int> rows, Device device)
    {
        using var index = tensor(rows.Select(row => (long)row).ToArray(), device: device);
        return overlays.SelectRows(index);
    }
}
