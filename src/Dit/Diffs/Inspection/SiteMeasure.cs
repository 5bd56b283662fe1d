using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs.Inspection;

/// <summary>Measures what is changed at one site.</summary>
public static class SiteMeasure
{
    /// <summary>Up to this width a dense difference is decomposed whole; beyond it, only its largest singular value is sought.</summary>
    private const long WidestDecomposed = 512;

    private const int PowerSteps = 30;

    /// <summary>A low-rank change.</summary>
    /// <param name="site">Hugging Face name of the layer.</param>
    /// <param name="factors">What is added there.</param>
    /// <param name="baseNorm">‖W‖; null where it is not known.</param>
    public static SiteInspection Of(string site, LowRankFactors factors, double? baseNorm)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var (a, b) = (factors.A, factors.B);
        var measured = new SiteInspection
        {
            Site = site,
            Place = SitePlace.Of(site),
            InFeatures = a.shape[1],
            OutFeatures = b.shape[0],
            Rank = (int)a.shape[0],
            Scaling = factors.Scaling,
            Type = a.dtype,
            TypeOfB = b.dtype,
            Parameters = a.numel() + b.numel(),
            Norm = double.NaN,
            BaseNorm = baseNorm,
        };
        var finite = double.IsFinite(factors.Scaling) && a.isfinite().all().item<bool>() && b.isfinite().all().item<bool>();
        var norm = finite ? Math.Abs(factors.Scaling) * LowRankProduct.Frobenius(a, b).item<double>() : double.NaN;
        if (!double.IsFinite(norm) || norm == 0)
        {
            return measured with { Norm = finite && norm == 0 ? 0 : double.NaN };
        }

        double[] values = [.. LowRankProduct.SingularValues(a, b).data<double>().ToArray().Select(value => value * Math.Abs(factors.Scaling))];
        return measured with
        {
            Norm = norm,
            Spectrum = Spectrum.Of(values),
            TopRowShare = TopShare(LowRankProduct.RowEnergies(a, b)),
            TopColumnShare = TopShare(LowRankProduct.ColumnEnergies(a, b)),
        };
    }

    /// <summary>A difference of whole weights.</summary>
    /// <param name="site">Hugging Face name of the layer.</param>
    /// <param name="delta">Finetuned minus base, float32 [out, in].</param>
    /// <param name="stored">The type the weight is stored in.</param>
    /// <param name="baseNorm">‖W‖; null where it is not known.</param>
    public static SiteInspection Of(string site, Tensor delta, ScalarType stored, double? baseNorm)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var squares = delta.Squared();
        var energy = squares.sum(ScalarType.Float64).item<double>();
        var measured = new SiteInspection
        {
            Site = site,
            Place = SitePlace.Of(site),
            InFeatures = delta.shape[1],
            OutFeatures = delta.shape[0],
            Type = stored,
            Parameters = delta.numel(),
            Norm = double.IsFinite(energy) ? Math.Sqrt(energy) : double.NaN,
            BaseNorm = baseNorm,
        };
        return !measured.IsFinite || measured.IsZero ? measured : measured with
        {
            Spectrum = SpectrumOf(delta, energy),
            TopRowShare = TopShare(squares.sum([1], type: ScalarType.Float64)),
            TopColumnShare = TopShare(squares.sum([0], type: ScalarType.Float64)),
        };
    }

    private static Spectrum? SpectrumOf(Tensor delta, double energy)
    {
        if (Math.Min(delta.shape[0], delta.shape[1]) <= WidestDecomposed)
        {
            return Spectrum.Of([.. linalg.svdvals(delta).to(ScalarType.Float64).data<double>().ToArray()]);
        }

        // Power iteration on ΔWᵀΔW; a direction drawn at random does not stand at right angles to the one sought.
        var random = RandomStream.Named(0, "inspection/direction");
        var direction = tensor(Enumerable.Range(0, (int)delta.shape[1]).Select(_ => (float)random.NextGaussian()).ToArray());
        var largest = 0.0;
        for (var step = 0; step < PowerSteps; step++)
        {
            using var inner = NewDisposeScope();
            direction.div_(direction.norm());
            var image = mv(delta, direction);
            largest = image.norm().item<float>();
            direction.copy_(mv(delta.t(), image));
        }

        return largest > 0 ? new Spectrum(largest, NumericalRank: null, energy / (largest * largest), EffectiveRank: null) : null;
    }

    private static double TopShare(Tensor energies) => (energies.max() / energies.sum()).item<double>();
}
