using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>One diff as a PEFT adapter folder, which PEFT and <c>dit ask</c> read, with its <see cref="DiffCard"/>.</summary>
public static class DiffExport
{
    /// <summary>Exports one diff of a stack.</summary>
    /// <param name="folder">The folder, made where missing.</param>
    /// <param name="diffs">The stack.</param>
    /// <param name="diff">Which of its diffs.</param>
    /// <param name="baseModel">What the adapter's settings call the base model; a path or a published name.</param>
    /// <param name="card">For which weights the diff was made, and what else is known.</param>
    /// <exception cref="DitException">The folder cannot be written.</exception>
    public static void Write(string folder, DiffStack diffs, int diff, string baseModel, DiffCard card)
    {
        using var scope = NewDisposeScope();

        // The card comes first: without it an interrupted export would be a diff of unknown origin, which is not refused on any base.
        card.Write(folder);
        PeftAdapterFolder.Write(folder, diffs.ToPeft(diff, baseModel));
    }

    /// <summary>Exports one diff of a set.</summary>
    /// <param name="folder">The folder, made where missing.</param>
    /// <param name="set">The set.</param>
    /// <param name="id">Which of its diffs.</param>
    /// <param name="baseModel">What the adapter's settings call the base model; empty where it is to stay unnamed.</param>
    /// <exception cref="DitException">The set has no such diff or is damaged, or the folder cannot be written.</exception>
    public static void Write(string folder, DiffSet set, string id, string baseModel = "")
    {
        var record = set.Find(id);
        var card = set.CardOf(record);
        using var one = set.Load([record]);
        Write(folder, one, 0, baseModel, card);
    }
}
