using Dit.Models.Decoding;
using TorchSharp;

namespace Dit.Models.Generation;

/// <summary>
/// What the batch of a <see cref="LiveGeneration"/> has room for. Every slot has as many tokens as the longest row, and at each site as high a rank as
/// the highest: what is padding takes memory like the rest.
/// </summary>
/// <param name="Slots">Rows.</param>
/// <param name="Tokens">Tokens of each row.</param>
/// <param name="Ranks">Ranks of the rows' own diffs by site; a site where no row has one is not there.</param>
internal sealed record LiveRoom(int Slots, int Tokens, IReadOnlyDictionary<string, int> Ranks)
{
    // As passes look at keys and values: libtorch prepares for every shape it meets.
    private const int TokenStep = 64;

    public static LiveRoom None { get; } = new(0, 0, new Dictionary<string, int>(StringComparer.Ordinal));

    /// <summary>The least that rows need.</summary>
    public static LiveRoom For(IEnumerable<LiveRow> rows) => rows.Aggregate(None, (room, row) => room.With(row));

    /// <summary>The least that these rows and one more need.</summary>
    public LiveRoom With(LiveRow row)
    {
        var ranks = Ranks;
        if (row.Ranks.Any(site => site.Value > Ranks.GetValueOrDefault(site.Key)))
        {
            var higher = new Dictionary<string, int>(Ranks, StringComparer.Ordinal);
            foreach (var (site, rank) in row.Ranks)
            {
                higher[site] = Math.Max(rank, higher.GetValueOrDefault(site));
            }

            ranks = higher;
        }

        return new LiveRoom(Slots + 1, Math.Max(Tokens, (row.Tokens + TokenStep - 1) / TokenStep * TokenStep), ranks);
    }

    /// <summary>The same with a number of slots of which there are few, so that not every row that comes or goes makes all be copied.</summary>
    public LiveRoom Rounded() => this with { Slots = RoundedSlots(Slots) };

    /// <summary>The next of 1, 2, 3, 4, 6, 8, 12, ….</summary>
    public static int RoundedSlots(int rows)
    {
        var power = 1;
        while (power * 2 <= rows)
        {
            power *= 2;
        }

        return rows == power ? power : rows * 2 <= power * 3 ? power * 3 / 2 : power * 2;
    }

    /// <summary>Bytes of keys, values and stacked diffs.</summary>
    public long Bytes(Decoder model)
    {
        var config = model.Config;
        var kept = 2L * config.LayerCount * config.KeyValueHeadCount * config.HeadSize * Tokens;
        var carried = Ranks.Sum(site => model.SiteOf(site.Key) is { } here ? site.Value * ((long)here.InFeatures + here.OutFeatures) : 0);
        return Slots * (kept + carried) * model.Type.ElementSize();
    }
}
