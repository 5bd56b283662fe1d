using Dit.Diffs;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>
/// The diffs of several sets, numbered through, from which the rows of a batch take theirs. The sets may differ in rank and scaling; only
/// a batch, not the whole, is brought to one.
/// </summary>
internal sealed class CarriedDiffs(IReadOnlyList<DiffStack> stacks) : IDisposable
{
    /// <summary>Diff i of the result is what lesson i carries; the caller's to dispose.</summary>
    /// <param name="lessons">The rows.</param>
    /// <param name="random">Where random diffs come from; nothing is drawn where no lesson has one.</param>
    /// <param name="device">Where they are to be.</param>
    public DiffStack Of(IReadOnlyList<AdapterLesson> lessons, RandomStream random, Device device)
    {
        using var scope = NewDisposeScope();
        var (parts, place, placed) = (new List<DiffStack>(), Enumerable.Repeat(-1, lessons.Count).ToArray(), 0);
        var first = 0;
        foreach (var stack in stacks)
        {
            foreach (var isRandom in new[] { false, true })
            {
                int[] rows = [.. Enumerable.Range(0, lessons.Count).Where(row => lessons[row].IsRandom == isRandom && lessons[row].Diff >= first && lessons[row].Diff < first + stack.Count)];
                if (rows.Length > 0)
                {
                    var trained = stack.Select([.. rows.Select(row => lessons[row].Diff - first)]);
                    parts.Add(isRandom ? Noise(trained) : trained);
                    Array.ForEach(rows, row => place[row] = placed++);
                }
            }

            first += stack.Count;
        }

        using var joined = parts.Count > 0 ? DiffStack.Join(parts) : stacks[0].Select([-1]);
        parts.ForEach(part => part.Dispose());
        return joined.Select(place, device);

        DiffStack Noise(DiffStack trained)
        {
            using (trained)
            {
                return RandomDiffs.Like(trained, random);
            }
        }
    }

    public void Dispose()
    {
        foreach (var stack in stacks)
        {
            stack.Dispose();
        }
    }
}
