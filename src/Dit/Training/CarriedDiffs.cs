using Dit.Diffs;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>
/// The diffs of several sets, numbered through, from which the rows of a batch take theirs. Only those of one batch are in memory; the shards
/// that hold them stay open for the next. The sets may differ in rank and scaling; only a batch, not the whole, is brought to one.
/// </summary>
/// <param name="parts">The sets, and of each the diffs that are learned from.</param>
/// <param name="multiplier">By what every diff is multiplied.</param>
internal sealed class CarriedDiffs(IReadOnlyList<(DiffSet Set, DiffRecord[] Records)> parts, double multiplier) : IDisposable
{
    private readonly OpenShards shards = new();

    /// <summary>Diff i of the result is what lesson i carries, on the CPU; the caller's to dispose.</summary>
    /// <param name="lessons">The rows.</param>
    /// <param name="random">Where random diffs come from; nothing is drawn where no lesson has one.</param>
    /// <exception cref="DitException">A shard is missing or damaged by now.</exception>
    public DiffStack Of(IReadOnlyList<AdapterLesson> lessons, RandomStream random)
    {
        using var scope = NewDisposeScope();
        var (stacks, place, placed) = (new List<DiffStack>(), Enumerable.Repeat(-1, lessons.Count).ToArray(), 0);
        try
        {
            var first = 0;
            foreach (var (set, records) in parts)
            {
                var own = Enumerable.Range(0, lessons.Count).Where(row => lessons[row].Diff >= first && lessons[row].Diff < first + records.Length);
                // Random diffs by rank: padded to another's, they would be drawn with it.
                foreach (var rows in own.GroupBy(row => lessons[row].IsRandom ? records[lessons[row].Diff - first].Rank : (int?)null).OrderBy(rows => rows.Key))
                {
                    var trained = Load(set, [.. rows.Select(row => records[lessons[row].Diff - first])]);
                    stacks.Add(rows.Key is null ? trained : Noise(trained));
                    foreach (var row in rows)
                    {
                        place[row] = placed++;
                    }
                }

                first += records.Length;
            }

            using var joined = stacks.Count switch { 0 => Load(parts[0].Set, parts[0].Records[..1]), 1 => stacks[0], _ => DiffStack.Join(stacks) };
            return joined.Select(place);
        }
        finally
        {
            stacks.ForEach(stack => stack.Dispose());
        }

        DiffStack Noise(DiffStack trained)
        {
            using (trained)
            {
                return RandomDiffs.Like(trained, random);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => shards.Dispose();

    private DiffStack Load(DiffSet set, DiffRecord[] records)
    {
        var diffs = set.Load(records, shards);
        return multiplier == 1 ? diffs : diffs.Times(multiplier);
    }
}
