using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// A decoder-only transformer over named weights. It is used by one forward pass at any number of places; what a pass adds to
/// the linear layers comes with the call, so the bare model is always there too.
/// </summary>
public sealed class Decoder : IDisposable
{
    /// <summary>Texts of up to so many tokens have all their attention scores in memory at once.</summary>
    // Up to here a few large products are faster than the fused kernel, which makes many small ones; the scores take 64 KiB a head at most.
    public const long LongestWithAllScores = 128;

    private readonly Dictionary<string, Tensor> weights;
    private readonly Dictionary<string, Site> sites;
    private readonly DecoderLayer[] layers;
    private readonly RmsNorm finalNorm;
    private readonly Tensor embedding;
    private readonly Tensor head;
    private readonly double? embeddingScale;
    private readonly ForwardPasses passes;

    /// <summary>
    /// A decoder over these weights (Hugging Face names, see <see cref="WeightShapes"/>), which it owns from now on. They may require gradients.
    /// </summary>
    /// <exception cref="DitException">A weight is missing, unknown, or of another shape or type than the settings say.</exception>
    public Decoder(ModelConfig config, IReadOnlyDictionary<string, Tensor> weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        Config = config;
        this.weights = Checked(config, weights);
        Sites = [.. WeightLayout.Sites(config)];
        sites = Sites.ToDictionary(site => site.Name, StringComparer.Ordinal);
        layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => new DecoderLayer(config, layer, name => this.weights[name]))];
        finalNorm = new RmsNorm(this.weights[WeightLayout.FinalNorm], config.NormEpsilon, config.NormWeight);
        embedding = this.weights[WeightLayout.Embedding];
        head = config.TiedEmbeddings ? embedding : this.weights[WeightLayout.Head];
        (Type, Device) = (embedding.dtype, embedding.device);
        embeddingScale = config.ScaledEmbeddings ? Rounded(Math.Sqrt(config.HiddenSize), Type) : null;
        passes = new ForwardPasses(config, Type, Device);
    }

    /// <summary>
    /// Loads a Hugging Face model folder; its weights need no gradients. On the CPU and in the type they are stored in they are not copied but
    /// used as they lie in the file.
    /// </summary>
    /// <param name="folder">config.json beside model.safetensors or an index with shards.</param>
    /// <param name="dtype">The type to compute in; null for the model's own: what config.json says, else what most of it is stored in.</param>
    /// <param name="device">Where to compute; null for the CPU.</param>
    /// <param name="mostTokens">Where the model has rows for more tokens than that, the rest is left out.</param>
    /// <exception cref="DitException">Something is missing, damaged, not supported, or does not fit together.</exception>
    public static Decoder Load(string folder, ScalarType? dtype = ScalarType.Float32, Device? device = null, int mostTokens = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(folder);
        // What is made in inference mode could never take part in training.
        using var normal = inference_mode(false);
        using var scope = NewDisposeScope();
        using var files = WeightFiles.Open(folder);
        var type = dtype ?? files.OwnType;
        var config = files.Config with { VocabularySize = Math.Min(files.Config.VocabularySize, mostTokens) };
        try
        {
            return new Decoder(config, files.Shapes.Keys.ToDictionary(name => name, name => Cut(name, files.Map(name, type, device)), StringComparer.Ordinal));
        }
        catch (DitException e)
        {
            throw new DitException($"{folder}: {e.Message}", e);
        }

        Tensor Cut(string name, Tensor weight) => name is WeightLayout.Embedding or WeightLayout.Head ? weight.narrow(0, 0, config.VocabularySize) : weight;
    }

    /// <summary>The model's settings.</summary>
    public ModelConfig Config { get; }

    /// <summary>The type it computes in.</summary>
    public ScalarType Type { get; }

    /// <summary>Where the weights are, and where inputs have to be.</summary>
    public Device Device { get; }

    /// <summary>All linear layers where something can be added, in the order of the computation.</summary>
    public IReadOnlyList<Site> Sites { get; }

    /// <summary>All weights by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => weights;

    /// <summary>A weight by name; the output head of a tied model is its embeddings.</summary>
    public Tensor Weight(string name) => name == WeightLayout.Head ? head : weights[name];

    /// <summary>All linear layers of a decoder of these settings, in the order of the computation.</summary>
    public static IReadOnlyList<Site> SitesOf(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [.. WeightLayout.Sites(config)];
    }

    /// <summary>Names and shapes of all the weights that a decoder of these settings needs.</summary>
    public static IReadOnlyDictionary<string, long[]> WeightShapes(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return WeightLayout.Shapes(config).ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>
    /// The final, normed hidden states [B,T,H] of inputIds [B,T] (int64, right padded). attentionMask [B,T] is 1 where there is a
    /// token, null when nothing is padded; no token looks at padding, nor does padding itself. Null is faster, and does not change
    /// what comes out at tokens. With a cache the tokens go on from what it holds, each row at its own length, and are kept in it;
    /// what comes out at padding is then unspecified but finite.
    /// </summary>
    /// <exception cref="DitException">Padding is not on the right, the overlays do not fit, or the cache is full.</exception>
    public Tensor HiddenStates(Tensor inputIds, Tensor? attentionMask = null, Overlays? overlays = null, KeyValueCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(inputIds);
        if (inputIds.dim() != 2 || inputIds.numel() == 0 || (attentionMask is not null && !attentionMask.shape.AsSpan().SequenceEqual(inputIds.shape)))
        {
            throw new DitException($"model input: expected ids [rows, tokens] and a mask of the same shape, found [{string.Join(", ", inputIds.shape)}]"
                + (attentionMask is null ? "." : $" and [{string.Join(", ", attentionMask.shape)}]."));
        }

        using var scope = NewDisposeScope();
        var (rows, tokens) = (inputIds.shape[0], inputIds.shape[1]);
        overlays ??= Overlays.None;
        overlays.Check(sites, rows);
        if (attentionMask is not null)
        {
            AttentionMasks.CheckPaddingIsRight(attentionMask);
        }

        return States(inputIds, passes.Begin(rows, tokens, attentionMask, overlays, cache)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The same for inputIds [B,T] that go on in several ways from what the cache holds, which must not be nothing; it holds the same as before
    /// afterwards. It needs room for all of the ids behind its longest row.
    /// </summary>
    /// <exception cref="DitException">The overlays do not fit, or the cache is too small.</exception>
    internal Tensor HiddenStates(Tensor inputIds, TokenBranches branches, Overlays overlays, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        overlays.Check(sites, inputIds.shape[0]);
        return States(inputIds, passes.Begin(branches, overlays, cache)).MoveToOuterDisposeScope();
    }

    /// <summary>The scores of all tokens, [...,V], for hidden states [...,H]; take the positions that are needed first.</summary>
    public Tensor Logits(Tensor hidden) => HalfProducts.Linear(hidden, head);

    /// <summary>An empty cache that fits this model.</summary>
    public KeyValueCache NewCache(int rows, int capacity) => new(Config, rows, capacity, Type, Device);

    /// <inheritdoc/>
    public void Dispose()
    {
        passes.Dispose();
        foreach (var weight in weights.Values)
        {
            weight.Dispose();
        }
    }

    private Tensor States(Tensor inputIds, ForwardPass pass)
    {
        var x = embedding.index_select(0, inputIds.flatten()).view(inputIds.shape[0], inputIds.shape[1], Config.HiddenSize);
        if (embeddingScale is { } scale)
        {
            x = x.Times(scale);
        }

        foreach (var layer in layers)
        {
            x = layer.Apply(x, pass);
        }

        return finalNorm.Apply(x);
    }

    private static double Rounded(double number, ScalarType type)
    {
        using var scope = NewDisposeScope();
        return tensor((float)number).to(type).to(ScalarType.Float64).item<double>();
    }

    private static Dictionary<string, Tensor> Checked(ModelConfig config, IReadOnlyDictionary<string, Tensor> weights)
    {
        WeightLayout.CheckNames(config, [.. weights.Keys]);
        var known = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var shapes = WeightLayout.Shapes(config).ToArray();
        WeightLayout.CheckShapes(shapes, name => weights[name].shape);
        foreach (var (name, _) in shapes)
        {
            var weight = weights[name];
            var type = known.Count == 0 ? weight.dtype : known.Values.First().dtype;
            if (weight.dtype != type || !weight.is_floating_point())
            {
                throw new DitException($"{name}: expected all weights to be of one floating-point type, found {weight.dtype}.");
            }

            known.Add(name, weight);
        }

        foreach (var weight in known.Values)
        {
            weight.DetachFromDisposeScope();
        }

        return known;
    }
}
