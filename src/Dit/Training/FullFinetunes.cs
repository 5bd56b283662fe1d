using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>
/// Full finetunes as diffs. ΔW = B A has as many free numbers as the weight when the narrower side is an identity that stays as it is and
/// the other side, which starts at zero, is trained: that is ΔW itself, and Adam moves it as it would move the weight.
/// </summary>
internal static class FullFinetunes
{
    /// <summary>What training starts from: nothing is changed yet. Sites narrower than the widest rank are padded with zeros, which get no gradient.</summary>
    public static DiffStack Start(IReadOnlyList<Site> sites, int count, Device device)
    {
        using var scope = NewDisposeScope();
        var rank = Rank(sites);
        return new DiffStack(
            sites.ToDictionary(
                site => site.Name,
                site =>
                {
                    var (a, b) = (zeros(count, rank, site.InFeatures, device: device), zeros(count, site.OutFeatures, rank, device: device));
                    var frozen = IsInputFrozen(a, b) ? a : b;
                    frozen.diagonal(0, 1, 2).Fill_(1);
                    return new StackedFactors(a, b);
                },
                StringComparer.Ordinal),
            scaling: 1);
    }

    /// <summary>Rank of the pairs: that of the widest site, which all others are padded to.</summary>
    public static int Rank(IReadOnlyList<Site> sites) => sites.Max(site => Math.Min(site.InFeatures, site.OutFeatures));

    /// <summary>The sides that are trained.</summary>
    public static IEnumerable<KeyValuePair<string, Tensor>> Trained(DiffStack diffs)
    {
        var frozen = diffs.Sites.Values.Select(site => IsInputFrozen(site.A, site.B) ? site.A : site.B).ToHashSet(ReferenceEqualityComparer.Instance);
        return [.. diffs.Tensors().Where(factor => !frozen.Contains(factor.Value))];
    }

    /// <summary>Numbers that are trained in one diff.</summary>
    public static long ParameterCount(IEnumerable<Site> sites) => sites.Sum(site => (long)site.InFeatures * site.OutFeatures);

    private static bool IsInputFrozen(Tensor a, Tensor b) => a.shape[2] <= b.shape[1];
}
