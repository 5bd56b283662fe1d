using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>
/// The rows that are still being answered, with their cache. Rows that are over stay in the batch as dead weight until enough of
/// them have gathered to pay for copying the others together.
/// </summary>
internal sealed class GenerationBatch : IDisposable
{
    private readonly Decoder model;
    private Overlays overlays;
    private KeyValueCache cache;
    private readonly Contrast? contrast;
    private readonly GenerationBatch? bare;
    private bool[] over;

    internal GenerationBatch(Decoder model, IReadOnlyList<int[]> prompts, int maxNewTokens, Overlays overlays, Contrast? contrast = null)
    {
        this.model = model;
        this.contrast = contrast;
        this.overlays = overlays;
        over = new bool[prompts.Count];
        Rows = [.. Enumerable.Range(0, prompts.Count)];
        // The last token of an answer is never looked at again, so it needs no room.
        cache = model.NewCache(prompts.Count, (int)Math.Min(int.MaxValue, prompts.Max(prompt => prompt.Length) + (maxNewTokens - 1L)));
        bare = contrast is null ? null : new GenerationBatch(model, prompts, maxNewTokens, Overlays.None);
    }

    /// <summary>Which prompt each row of the batch belongs to.</summary>
    internal int[] Rows { get; private set; }

    /// <summary>The answer of the batch's row has ended.</summary>
    internal bool IsOver(int at) => over[at];

    /// <summary>Reads the prompts; returns the scores [n,V] of what follows each.</summary>
    internal Tensor Start(IReadOnlyList<int[]> prompts)
    {
        using var scope = NewDisposeScope();
        var (rows, longest) = (prompts.Count, prompts.Max(prompt => prompt.Length));
        var (ids, mask) = (new long[rows * longest], new long[rows * longest]);
        for (var row = 0; row < rows; row++)
        {
            for (var at = 0; at < prompts[row].Length; at++)
            {
                ids[row * longest + at] = prompts[row][at];
                mask[row * longest + at] = 1;
            }
        }

        var device = model.Device;
        var hidden = model.HiddenStates(
            tensor(ids, [rows, longest], device: device), tensor(mask, [rows, longest], device: device), overlays, cache);
        var last = tensor(prompts.Select((prompt, row) => (long)row * longest + prompt.Length - 1).ToArray(), device: device);
        return Contrasted(model.Logits(hidden.view(rows * longest, -1).index_select(0, last)), bare?.Start(prompts)).MoveToOuterDisposeScope();
    }

    /// <summary>Takes one more token in every row; those not <paramref name="going"/> on are over. Returns the scores of what follows.</summary>
    internal Tensor Continue(int[] next, bool[] going)
    {
        using var without = bare?.Continue(next, going);
        over = [.. going.Select(on => !on)];
        if (going.Count(on => on) * 4 <= going.Length * 3)
        {
            next = DropOver(next);
        }

        using var scope = NewDisposeScope();
        var ids = tensor(next.Select(id => (long)id).ToArray(), [next.Length, 1], device: model.Device);
        var hidden = model.HiddenStates(ids, overlays: overlays, cache: cache);
        return Contrasted(model.Logits(hidden.squeeze(1)), without).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        cache.Dispose();
        bare?.Dispose();
    }

    private Tensor Contrasted(Tensor with, Tensor? without) => without is null ? with : contrast!.Of(with, without);

    private int[] DropOver(int[] next)
    {
        int[] kept = [.. Enumerable.Range(0, over.Length).Where(at => !over[at])];
        using var index = tensor(kept.Select(at => (long)at).ToArray(), device: model.Device);
        overlays = overlays.SelectRows(index);
        var former = cache;
        cache = former.SelectRows(kept);
        former.Dispose();
        Rows = [.. kept.Select(at => Rows[at])];
        over = new bool[kept.Length];
        return [.. kept.Select(at => next[at])];
    }
}
