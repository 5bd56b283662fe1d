using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>What a full finetuned checkpoint changes in a base, computed weight by weight when asked for.</summary>
public sealed class DenseDiff : IDisposable
{
    private readonly CheckpointFolder finetuned, @base;

    private DenseDiff(CheckpointFolder finetuned, CheckpointFolder @base, ModelConfig config)
    {
        (this.finetuned, this.@base) = (finetuned, @base);
        var sites = Decoder.SitesOf(config).Select(site => site.Name).ToArray();
        ChangedSites = [.. sites.Where(site => Differs(site + ".weight"))];
        ChangedElsewhere = [.. Decoder.WeightShapes(config).Keys.Except(sites.Select(site => site + ".weight"), StringComparer.Ordinal).Where(Differs)];
    }

    /// <summary>Names of the linear layers whose weight differs.</summary>
    public IReadOnlyList<string> ChangedSites { get; }

    /// <summary>Other weights that differ.</summary>
    public IReadOnlyList<string> ChangedElsewhere { get; }

    /// <summary>Compares two folders.</summary>
    /// <exception cref="DitException">One of them is not a model or is damaged.</exception>
    public static DenseDiff Between(string finetunedFolder, string baseFolder)
    {
        var config = ModelConfig.Read(finetunedFolder);
        var changed = CheckpointFolder.Open(finetunedFolder);
        CheckpointFolder? other = null;
        try
        {
            other = CheckpointFolder.Open(baseFolder);
            return new DenseDiff(changed, other, config);
        }
        catch
        {
            changed.Dispose();
            other?.Dispose();
            throw;
        }
    }

    /// <summary>Finetuned minus base, float32 [out, in].</summary>
    public Tensor Delta(string siteOrWeight)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var name = finetuned.TensorNames.Contains(siteOrWeight) ? siteOrWeight : siteOrWeight + ".weight";
        return finetuned.Load(name, ScalarType.Float32).sub_(@base.Load(name, ScalarType.Float32)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        finetuned.Dispose();
        @base.Dispose();
    }

    private bool Differs(string name)
    {
        using var scope = NewDisposeScope();
        return Delta(name).ne(0).any().item<bool>();
    }
}
