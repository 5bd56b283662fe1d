using static TorchSharp.torch;

namespace Dit.Diffs.Inspection;

/// <summary>What a diff does to one linear layer.</summary>
public sealed record SiteInspection
{
    /// <summary>Hugging Face name of the layer.</summary>
    public required string Site { get; init; }

    /// <summary>Where it is.</summary>
    public required SitePlace Place { get; init; }

    /// <summary>Width of its input.</summary>
    public required long InFeatures { get; init; }

    /// <summary>Width of its output.</summary>
    public required long OutFeatures { get; init; }

    /// <summary>Rank of the factors; null for a difference of whole weights.</summary>
    public int? Rank { get; init; }

    /// <summary>By what the product of the factors is multiplied; 1 for a difference of whole weights.</summary>
    public double Scaling { get; init; } = 1;

    /// <summary>Float type of A, or of the weight.</summary>
    public required ScalarType Type { get; init; }

    /// <summary>Float type of B; null for a difference of whole weights.</summary>
    public ScalarType? TypeOfB { get; init; }

    /// <summary>Numbers that the diff holds for this layer.</summary>
    public required long Parameters { get; init; }

    /// <summary>‖ΔW‖, the Frobenius norm with the scaling in it; NaN where a number of it is not finite.</summary>
    public required double Norm { get; init; }

    /// <summary>‖W‖ of the base's weight; null where no base is known or it has no such layer.</summary>
    public double? BaseNorm { get; init; }

    /// <summary>‖ΔW‖ / ‖W‖; null where ‖W‖ is not known or 0.</summary>
    public double? RelativeNorm => BaseNorm is > 0 ? Norm / BaseNorm : null;

    /// <summary>Its singular values in short; null where nothing is changed or a number is not finite.</summary>
    public Spectrum? Spectrum { get; init; }

    /// <summary>Share of ‖ΔW‖² in the most changed output row.</summary>
    public double TopRowShare { get; init; }

    /// <summary>Share of ‖ΔW‖² in the most changed input column.</summary>
    public double TopColumnShare { get; init; }

    /// <summary>Whether every number is finite.</summary>
    public bool IsFinite => double.IsFinite(Norm);

    /// <summary>Whether nothing is changed here.</summary>
    public bool IsZero => Norm == 0;
}
