using Dit.Diffs;
using Dit.Models.Decoding;

namespace Dit.Interpretation;

/// <summary>
/// The diffs that the rows in the slots of a batch carry. Where other rows come into the batch only their diffs are stacked anew; those of rows that stay are
/// taken over.
/// </summary>
/// <param name="stack">Stacks the diffs of some numbers, in their order; the stack is this one's from then on.</param>
/// <param name="model">The decoder that the batch goes through.</param>
internal sealed class SlotDiffs(Func<IReadOnlyList<int>, DiffStack> stack, Decoder model) : IDisposable
{
    private DiffStack? carried;
    private int[] numbers = [];

    /// <summary>What is added where row i carries the diff of number <paramref name="rows"/>[i]; -1 stands for none. It belongs to the current dispose scope.</summary>
    public IReadOnlyDictionary<string, ISiteOverlay> Of(IReadOnlyList<int> rows)
    {
        Carry([.. rows.Where(number => number >= 0).Distinct()]);
        return carried is null
            ? new Dictionary<string, ISiteOverlay>(StringComparer.Ordinal)
            : LowRankOverlay.PerRow(carried, [.. rows.Select(number => Array.IndexOf(numbers, number))], model);
    }

    /// <inheritdoc />
    public void Dispose() => carried?.Dispose();

    private void Carry(int[] wanted)
    {
        int[] kept = [.. numbers.Intersect(wanted)], added = [.. wanted.Except(numbers)];
        if (added.Length == 0 && kept.Length == numbers.Length)
        {
            return;
        }

        var rest = kept.Length == 0 ? null : carried!.Select([.. kept.Select(number => Array.IndexOf(numbers, number))]);
        carried?.Dispose();
        (carried, numbers) = (rest, [.. kept, .. added]);
        if (added.Length > 0)
        {
            var more = stack(added);
            carried = rest is null ? more : Joined(rest, more);
        }
    }

    private static DiffStack Joined(DiffStack one, DiffStack other)
    {
        using (one)
        using (other)
        {
            return DiffStack.Join([one, other]);
        }
    }
}
