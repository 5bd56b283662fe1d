using System.Security.Cryptography;
using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs.Inspection;

/// <summary>What is odd about a diff's numbers and places. Only what can be said for certain is said.</summary>
internal static class Oddities
{
    /// <summary>Above this share of the base's own weight a change is no longer a small one.</summary>
    private const double LargeRelativeNorm = 0.5;

    /// <summary>Usual scalings lie well between: PEFT's defaults give 1/8 to 4, the paper's recipe 1/rank.</summary>
    private const double SmallestScaling = 1.0 / 256, LargestScaling = 16;

    /// <summary>How much of the change one row of many may hold before it is an edit of that row.</summary>
    private const double RowShare = 0.5;

    private const int FewestRows = 32;

    /// <summary>Of a diff's sites, in its own order.</summary>
    /// <param name="sites">Every site that the diff names.</param>
    /// <param name="model">The base; null where none is known.</param>
    public static IEnumerable<Finding> Of(IReadOnlyList<SiteInspection> sites, InspectionBase? model)
    {
        var broken = sites.Where(site => !site.IsFinite).ToArray();
        if (broken.Length > 0)
        {
            yield return Error($"{Layers(broken)} {Hold(broken)} numbers that are not finite: {Few(broken)}");
        }

        if (model is not null)
        {
            foreach (var misfit in Misfits(sites, model))
            {
                yield return misfit;
            }
        }

        var zero = sites.Where(site => site.IsZero).ToArray();
        if (zero.Length == sites.Count)
        {
            yield return Error(sites.Count == 0 ? "no linear layer is changed" : $"nothing is changed: {SiteFit.ReasonForNothing([.. zero.Select(site => site.Scaling)])} at all {zero.Length} layers");
        }
        else if (zero.Length > 0)
        {
            yield return Odd($"{Layers(zero)} {(zero.Length == 1 ? "is" : "are")} named but not changed, as a factor or the scaling is zero: {Few(zero)}");
        }

        foreach (var finding in Sizes(sites).Concat(Ranks(sites)).Concat(Places(sites, model)).Concat(Types(sites)))
        {
            yield return finding;
        }
    }

    /// <summary>Factors that several sites share to the bit.</summary>
    public static IEnumerable<Finding> Duplicates(IReadOnlyDictionary<string, LowRankFactors> factors)
    {
        foreach (var (half, of) in new (string, Func<LowRankFactors, Tensor>)[] { ("lora_A", pair => pair.A), ("lora_B", pair => pair.B) })
        {
            var same = factors.Where(named => of(named.Value).count_nonzero().item<long>() > 0)
                .GroupBy(named => Digest(of(named.Value)), named => named.Key, StringComparer.Ordinal).Where(group => group.Skip(1).Any()).ToArray();
            if (same.Length > 0)
            {
                yield return Odd($"the same {half} stands at {same.Sum(group => group.Count())} layers, such as {string.Join(" and ", same[0].Take(2))}");
            }
        }
    }

    private static IEnumerable<Finding> Misfits(IReadOnlyList<SiteInspection> sites, InspectionBase model)
    {
        if (sites.Any(site => site.Site == WeightNames.Head))
        {
            yield return Error($"the output head {WeightNames.Head} is changed, which is not supported");
        }

        var unknown = sites.Where(site => site.Site != WeightNames.Head && !model.Sites.ContainsKey(site.Site)).ToArray();
        if (unknown.Length > 0)
        {
            yield return Error($"{Layers(unknown)} {(unknown.Length == 1 ? "is" : "are")} not in the base {model.Name}: {Few(unknown)}");
        }

        var misshapen = sites.Where(site => model.Sites.TryGetValue(site.Site, out var own) && (own.InFeatures != site.InFeatures || own.OutFeatures != site.OutFeatures)).ToArray();
        if (misshapen.Length > 0)
        {
            yield return Error($"{Layers(misshapen)} {Hold(misshapen)} factors that do not fit the base {model.Name}: {Few(misshapen)}");
        }
    }

    private static IEnumerable<Finding> Sizes(IReadOnlyList<SiteInspection> sites)
    {
        var large = sites.Where(site => site.RelativeNorm > LargeRelativeNorm).OrderByDescending(site => site.RelativeNorm).ToArray();
        if (large.Length > 0)
        {
            yield return Odd($"the change is large: at {Layers(large)} it is more than half as large as the base's own weight, {Times(large[0].RelativeNorm!.Value)} times it at {large[0].Site}");
        }

        var scalings = sites.Select(site => site.Scaling).Distinct().Where(scaling => Math.Abs(scaling) is < SmallestScaling or > LargestScaling || scaling < 0).ToArray();
        if (scalings.Length > 0)
        {
            var of = sites.First(site => site.Scaling.Equals(scalings[0]));
            yield return Odd($"the scaling {scalings[0]:0.######} of {of.Site} is unusual (usual is alpha/r from 1/16 to 4)");
        }

        var rows = sites.Where(site => site.OutFeatures >= FewestRows && site.TopRowShare > RowShare).ToArray();
        if (rows.Length > 0)
        {
            yield return Odd($"at {Layers(rows)} one output row holds more than half of the change: {Few(rows)}");
        }

        var columns = sites.Where(site => site.InFeatures >= FewestRows && site.TopColumnShare > RowShare).ToArray();
        if (columns.Length > 0)
        {
            yield return Odd($"at {Layers(columns)} one input column holds more than half of the change: {Few(columns)}");
        }
    }

    /// <summary>A rank is spoken of where it is at least 8 and the change is as if of less than a quarter of it.</summary>
    private static IEnumerable<Finding> Ranks(IReadOnlyList<SiteInspection> sites)
    {
        const int leastRank = 8, times = 4;
        var ranked = sites.Where(site => site.Rank >= leastRank && site.Spectrum?.EffectiveRank is not null).ToArray();
        if (ranked.Length > 0 && Median(ranked.Select(site => site.Spectrum!.EffectiveRank!.Value / site.Rank!.Value)) is var used and < 1.0 / times)
        {
            yield return Odd($"the rank is much higher than what is used of it: in the median layer, {used:P0} (effective rank {Median(ranked.Select(site => site.Spectrum!.EffectiveRank!.Value)):0.0} of {Median(ranked.Select(site => (double)site.Rank!.Value)):0})");
        }
    }

    private static IEnumerable<Finding> Places(IReadOnlyList<SiteInspection> sites, InspectionBase? model)
    {
        var all = model?.Config.LayerCount ?? sites.Select(site => site.Place.Layer + 1).Max() ?? 0;
        int[] layers = [.. sites.Where(site => !site.IsZero).Select(site => site.Place.Layer).OfType<int>().Distinct()];
        if (layers.Length > 0 && layers.Length * 2 <= all)
        {
            yield return Odd($"only decoder layer{(layers.Length == 1 ? "" : "s")} {SitePlace.Ranges(layers)} of {all} {(layers.Length == 1 ? "is" : "are")} changed");
        }

        var named = sites.Select(site => site.Place.Layer).OfType<int>().Distinct().Count();
        var partial = sites.Where(site => site.Place.Layer is not null).GroupBy(site => site.Place.Kind, StringComparer.Ordinal)
            .Where(kind => kind.Select(site => site.Place.Layer).Distinct().Count() < named).ToArray();
        foreach (var kind in partial)
        {
            yield return Odd($"only the decoder layers {SitePlace.Ranges(kind.Select(site => site.Place.Layer!.Value))} have {kind.Key}, others have other parts");
        }
    }

    private static IEnumerable<Finding> Types(IReadOnlyList<SiteInspection> sites)
    {
        var types = sites.SelectMany(site => new[] { site.Type, site.TypeOfB ?? site.Type }).GroupBy(type => type).OrderByDescending(group => group.Count()).ToArray();
        if (types.Length > 1)
        {
            yield return Odd($"float types are mixed: {string.Join(", ", types.Select(group => $"{group.Count()} tensors of {group.Key.Name()}"))}");
        }
    }

    internal static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Digest(Tensor factor)
    {
        using var scope = NewDisposeScope();
        return $"{string.Join('x', factor.shape)} {Convert.ToHexString(SHA256.HashData(factor.contiguous().to(ScalarType.Float32).bytes))}";
    }

    private static Finding Odd(string sentence) => new(FindingLevel.Odd, sentence);

    private static Finding Error(string sentence) => new(FindingLevel.Error, sentence);

    private static string Layers(SiteInspection[] sites) => sites.Length == 1 ? "1 layer" : $"{sites.Length} layers";

    private static string Hold(SiteInspection[] sites) => sites.Length == 1 ? "holds" : "hold";

    private static string Few(SiteInspection[] sites) => Names.Few([.. sites.Select(site => site.Site)]);

    private static string Times(double share) => share.ToString(share < 1e6 ? "0.0#" : "0.0e0", System.Globalization.CultureInfo.InvariantCulture);
}
