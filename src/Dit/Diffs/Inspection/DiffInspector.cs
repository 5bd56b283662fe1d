using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs.Inspection;

/// <summary>Inspects weight diffs of every form.</summary>
public static class DiffInspector
{
    // More than a decoder of the most layers that are supported has. Names of sites are a file's to choose, and every kind gets a row and every
    // layer a column in pictures.
    private const int MostPlaces = 1 << 15;

    /// <summary>Inspects low-rank factors.</summary>
    /// <param name="source">What the user named.</param>
    /// <param name="form">What it is.</param>
    /// <param name="adapter">The factors.</param>
    /// <param name="model">The base; null where none is known.</param>
    /// <param name="card">What is known beside the factors.</param>
    /// <exception cref="DitException">There are more layers and kinds of them than a decoder has.</exception>
    public static DiffInspection OfFactors(string source, string form, PeftAdapter adapter, InspectionBase? model, DiffCard? card = null)
    {
        RequireFewPlaces(source, adapter);
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var sites = InOrder(adapter.Sites.Select(named => SiteMeasure.Of(named.Key, named.Value, model?.Norm(named.Key))));
        return new DiffInspection
        {
            Source = source,
            Form = form,
            Base = model?.Name ?? (adapter.BaseModelNameOrPath.Length > 0 ? adapter.BaseModelNameOrPath : null),
            Label = card?.Topic,
            Sites = sites,
            BaseSites = model is null ? null : [.. model.Sites.Keys],
            Findings = [.. Oddities.Of(sites, model), .. Oddities.Duplicates(adapter.Sites), .. OtherBase(card, model)],
        };
    }

    /// <summary>Inspects a PEFT adapter folder, its files included.</summary>
    /// <exception cref="DitException">It is damaged, or not a plain LoRA.</exception>
    public static DiffInspection OfFolder(string folder, InspectionBase? model)
    {
        using var scope = NewDisposeScope();
        var adapter = PeftAdapterFolder.Read(folder);
        var inspection = OfFactors(folder, "PEFT adapter", adapter, model, DiffCard.Read(folder));
        return inspection with { Findings = [.. inspection.Findings, .. FolderOddities.Of(folder, [.. inspection.Sites.Select(site => site.Site)], model)] };
    }

    /// <summary>Inspects a finetuned checkpoint: what all its weights change in the base's.</summary>
    /// <exception cref="DitException">It is damaged, or its weights are not those of the base.</exception>
    public static DiffInspection OfCheckpoint(string folder, InspectionBase model)
    {
        using var untracked = no_grad();
        using var dense = DenseDiff.Between(folder, model.Folder);
        var sites = new List<SiteInspection>();
        foreach (var site in dense.ChangedSites)
        {
            using var scope = NewDisposeScope();
            sites.Add(SiteMeasure.Of(site, dense.Delta(site), model.TypeOf(site), model.Norm(site)));
        }

        var elsewhere = dense.ChangedElsewhere;
        return new DiffInspection
        {
            Source = folder,
            Form = "finetuned checkpoint",
            Base = model.Name,
            Sites = InOrder(sites),
            BaseSites = [.. model.Sites.Keys],
            ChangedElsewhere = elsewhere,
            Findings =
            [
                .. sites.Count == 0 && elsewhere.Count == 0
                    ? [new Finding(FindingLevel.Error, $"nothing is changed: these are the very weights of {model.Name}")]
                    : sites.Count == 0 ? [new Finding(FindingLevel.Odd, "no linear layer is changed")]
                    : Oddities.Of(sites, model),
                .. dense.Notes.Select(note => new Finding(FindingLevel.Odd, note)),
                .. elsewhere.Count > 0
                    ? new[] { new Finding(FindingLevel.Odd, $"{elsewhere.Count} weight{(elsewhere.Count == 1 ? " is" : "s are")} changed that {(elsewhere.Count == 1 ? "is" : "are")} no linear layer: {Names.Few(elsewhere)}") }
                    : [],
            ],
        };
    }

    internal static IEnumerable<Finding> OtherBase(DiffCard? card, InspectionBase? model)
    {
        if (card is not null && model is not null && card.BaseFingerprint != model.Fingerprint)
        {
            yield return new Finding(FindingLevel.Error, $"it was made for another base (fingerprint {card.BaseFingerprint}) than {model.Name} (fingerprint {model.Fingerprint})");
        }
    }

    private static void RequireFewPlaces(string source, PeftAdapter adapter)
    {
        SitePlace[] places = [.. adapter.Sites.Keys.Select(SitePlace.Of)];
        var (layers, kinds) = (places.Select(place => place.Layer).Distinct().Count(), places.Select(place => place.Kind).Distinct(StringComparer.Ordinal).Count());
        if (places.Length > MostPlaces || (long)layers * kinds > MostPlaces)
        {
            throw new DitException($"{source}: expected the linear layers of a decoder, found {places.Length} of {kinds} kinds in {layers} layers");
        }
    }

    internal static SiteInspection[] InOrder(IEnumerable<SiteInspection> sites)
    {
        var measured = sites.ToArray();
        var kinds = SitePlace.InOrder(measured.Select(site => site.Place.Kind)).Select((kind, place) => (kind, place)).ToDictionary(kind => kind.kind, kind => kind.place, StringComparer.Ordinal);
        return [.. measured.OrderBy(site => site.Place.Layer ?? int.MaxValue).ThenBy(site => kinds[site.Place.Kind]).ThenBy(site => site.Site, StringComparer.Ordinal)];
    }
}
