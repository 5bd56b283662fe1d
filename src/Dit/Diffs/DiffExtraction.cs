using Dit.Files;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>The difference of a fully finetuned checkpoint as a PEFT adapter: at every site the nearest product of low rank.</summary>
public static class DiffExtraction
{
    /// <summary>Writes the adapter with its <see cref="DiffCard"/> and an <see cref="ExtractionReport"/>. Sites without a change are left out.</summary>
    /// <param name="folder">The new folder; whole or not there at all.</param>
    /// <param name="diff">The difference.</param>
    /// <param name="rank">The rank, or less where a layer is smaller than that; null for all there is, which is the difference itself.</param>
    /// <param name="seed">For the random projections that large layers need.</param>
    /// <param name="extracted">Told of every site as it is done.</param>
    /// <exception cref="DitException">The folder holds files or cannot be written, or no linear layer changed.</exception>
    public static ExtractionReport Write(string folder, DenseDiff diff, int? rank, ulong seed = 1, Action<ExtractedSite>? extracted = null)
    {
        AtomicFolder.RequireEmpty(folder);
        if (diff.ChangedSites.Count == 0)
        {
            throw new DitException(diff.ChangedElsewhere.Count == 0
                ? $"{diff.FinetunedFolder}: expected a finetune of {diff.BaseFolder}, found its very weights: the diff touches no layer"
                : $"{diff.FinetunedFolder}: expected changes in linear layers, found only others, which a LoRA cannot hold: {Names.Few(diff.ChangedElsewhere)}");
        }

        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var factors = new Dictionary<string, LowRankFactors>(StringComparer.Ordinal);
        var sites = new List<ExtractedSite>();
        foreach (var site in diff.ChangedSites)
        {
            var (found, report) = Extract(diff, site, rank, RandomStream.Named(seed, site));
            factors.Add(site, found);
            sites.Add(report);
            extracted?.Invoke(report);
        }

        var result = new ExtractionReport
        {
            Finetuned = diff.FinetunedFolder,
            Base = diff.BaseFolder,
            BaseFingerprint = BaseFingerprint.Of(diff.BaseFolder),
            Rank = rank,
            Sites = sites,
            LeftOut = [.. diff.ChangedElsewhere.Select(diff.Measure).Select(change => new LeftOutWeight(change.Name, change.Norm, change.Relative))],
            Notes = diff.Notes,
        };
        AtomicFolder.Write(folder, partial =>
        {
            new DiffCard { BaseFingerprint = result.BaseFingerprint }.Write(partial);
            result.Write(partial);
            PeftAdapterFolder.Write(partial, new PeftAdapter(diff.BaseFolder, factors), ModelConfig.Read(diff.BaseFolder).HasImagePart);
        });
        return result;
    }

    private static (LowRankFactors Factors, ExtractedSite Report) Extract(DenseDiff diff, string site, int? rank, RandomStream random)
    {
        using var scope = NewDisposeScope();
        var change = diff.Measure(site);
        var delta = diff.Delta(site);
        var kept = (int)Math.Min(rank ?? int.MaxValue, Math.Min(delta.shape[0], delta.shape[1]));
        var (a, b, energy) = LowRankApproximation.Of(delta, kept, random);
        return (new LowRankFactors(a.MoveToOuterDisposeScope(), b.MoveToOuterDisposeScope(), Scaling: 1),
            new ExtractedSite(site, kept, change.Norm, change.Relative, Math.Min(1, energy / (change.Norm * change.Norm))));
    }
}
