namespace Dit.Diffs.Inspection;

/// <summary>What one weight diff is made of: where it changes how much, how evenly, and what is odd about it.</summary>
public sealed record DiffInspection
{
    /// <summary>What was inspected, as the user named it.</summary>
    public required string Source { get; init; }

    /// <summary>What it is, such as "PEFT adapter".</summary>
    public required string Form { get; init; }

    /// <summary>The base model, as the source or the user names it; null where neither does.</summary>
    public string? Base { get; init; }

    /// <summary>What it was trained to do, where that is written down.</summary>
    public string? Label { get; init; }

    /// <summary>It stands for several diffs, whose mean norms it has.</summary>
    public bool IsMean { get; init; }

    /// <summary>Every linear layer that it names, in order of layers and kinds.</summary>
    public required IReadOnlyList<SiteInspection> Sites { get; init; }

    /// <summary>All linear layers of the base; null where no base is known.</summary>
    public IReadOnlyList<string>? BaseSites { get; init; }

    /// <summary>Weights beside the linear layers that it changes.</summary>
    public IReadOnlyList<string> ChangedElsewhere { get; init; } = [];

    /// <summary>What is odd.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Numbers in it.</summary>
    public long Parameters => Sites.Sum(site => site.Parameters);

    /// <summary>The Frobenius norm of all of the change.</summary>
    public double Norm => Math.Sqrt(Sites.Sum(site => site.Norm * site.Norm));

    /// <summary>That norm over the norm of all the base's linear layers that it names; null where no base is known.</summary>
    public double? RelativeNorm => Sites.Count > 0 && Sites.All(site => site.BaseNorm is not null) && Sites.Sum(site => site.BaseNorm * site.BaseNorm) is > 0 and var squares
        ? Norm / Math.Sqrt(squares)
        : null;

    /// <summary>Layers that it names or the base has, ascending.</summary>
    public IReadOnlyList<int> Layers => [.. Places.Select(place => place.Layer).OfType<int>().Distinct().Order()];

    /// <summary>Kinds of layers that it names or the base has, in the usual order.</summary>
    public IReadOnlyList<string> Kinds => SitePlace.InOrder(Places.Where(place => place.Layer is not null).Select(place => place.Kind));

    /// <summary>How many places the change could have: the base's layers, or every kind in every layer that the diff names.</summary>
    public int PlaceCount => BaseSites?.Count ?? Math.Max(Sites.Count, Layers.Count * Kinds.Count);

    /// <summary>How evenly it is spread over the layers; null where nothing is changed or a number is not finite.</summary>
    public Spread? Spread => Diffs.Inspection.Spread.Of([.. Sites.Select(site => site.Norm * site.Norm)], PlaceCount);

    /// <summary>Whether it can be used as it is.</summary>
    public bool IsUsable => Findings.All(finding => finding.Level != FindingLevel.Error);

    private IEnumerable<SitePlace> Places => Sites.Select(site => site.Place).Concat((BaseSites ?? []).Select(SitePlace.Of));
}
