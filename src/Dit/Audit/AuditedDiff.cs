using Dit.Diffs.Inspection;

namespace Dit.Audit;

/// <summary>How big a diff is, where it lies, and what is odd about it.</summary>
public sealed record AuditedDiff
{
    /// <summary>What it is, such as "PEFT adapter".</summary>
    public required string Form { get; init; }

    /// <summary>Numbers in it.</summary>
    public required long Parameters { get; init; }

    /// <summary>The Frobenius norm of all of the change.</summary>
    public required double Norm { get; init; }

    /// <summary>That norm over the norm of the base's linear layers that it changes; null where that is not known.</summary>
    public double? RelativeNorm { get; init; }

    /// <summary>All linear layers of the base, for the frame of the norm map.</summary>
    public required IReadOnlyList<string> BaseSites { get; init; }

    /// <summary>The linear layers that it changes.</summary>
    public required IReadOnlyList<AuditedSite> Sites { get; init; }

    /// <summary>Weights beside the linear layers that it changes.</summary>
    public IReadOnlyList<string> ChangedElsewhere { get; init; } = [];

    /// <summary>What is odd.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>An inspection in short.</summary>
    public static AuditedDiff Of(DiffInspection found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return new AuditedDiff
        {
            Form = found.Form,
            Parameters = found.Parameters,
            Norm = found.Norm,
            RelativeNorm = found.RelativeNorm,
            BaseSites = found.BaseSites ?? [],
            Sites = [.. found.Sites.Select(site => new AuditedSite(site.Site, site.Place.Layer, site.Place.Kind, site.Rank, site.Norm, site.RelativeNorm))],
            ChangedElsewhere = found.ChangedElsewhere,
            Findings = found.Findings,
        };
    }
}

/// <summary>What is changed in one linear layer.</summary>
/// <param name="Site">Hugging Face name of the layer.</param>
/// <param name="Layer">Which layer of the model; null where it is in none.</param>
/// <param name="Kind">What it is in its layer, such as <c>up</c>.</param>
/// <param name="Rank">Rank of the factors; null for a difference of whole weights.</param>
/// <param name="Norm">‖ΔW‖.</param>
/// <param name="RelativeNorm">‖ΔW‖ / ‖W‖; null where that is not known.</param>
public sealed record AuditedSite(string Site, int? Layer, string Kind, int? Rank, double Norm, double? RelativeNorm);
