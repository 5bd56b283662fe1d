using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs.Inspection;

/// <summary>What an inspection needs of a base model: its layers and how large their weights are. No model is built.</summary>
public sealed class InspectionBase : IDisposable
{
    private readonly WeightFiles weights;
    private readonly Lazy<string> fingerprint;

    private InspectionBase(string folder, WeightFiles weights)
    {
        (Folder, this.weights) = (folder, weights);
        Sites = weights.Sites.ToDictionary(site => site.Name, StringComparer.Ordinal);
        fingerprint = new Lazy<string>(() => BaseFingerprint.Of(folder));
    }

    /// <summary>The Hugging Face folder.</summary>
    public string Folder { get; }

    /// <summary>The folder's own name.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    /// <summary>The base's settings.</summary>
    public ModelConfig Config => weights.Config;

    /// <summary>Its linear layers by name.</summary>
    public IReadOnlyDictionary<string, Site> Sites { get; }

    /// <summary>What tells it from other models.</summary>
    public string Fingerprint => fingerprint.Value;

    /// <summary>Opens a model folder.</summary>
    /// <exception cref="DitException">It is not a model, or is damaged.</exception>
    public static InspectionBase Open(string folder) => new(folder, WeightFiles.Open(folder));

    /// <summary>The type that a layer's weight is stored in.</summary>
    public ScalarType TypeOf(string site)
    {
        using var scope = NewDisposeScope();
        return weights.Load(site + ".weight").dtype;
    }

    /// <summary>‖W‖, the Frobenius norm of a layer's weight; null where the model has no such layer.</summary>
    public double? Norm(string site)
    {
        if (!Sites.ContainsKey(site))
        {
            return null;
        }

        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        // 32-bit sums over millions of squares are good to six digits, as libtorch adds them pairwise.
        return weights.Load(site + ".weight").to(ScalarType.Float32).norm().item<float>();
    }

    /// <inheritdoc />
    public void Dispose() => weights.Dispose();
}
