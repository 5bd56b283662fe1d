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
    private readonly FrozenWeight embedding;
    private readonly double? embeddingScale;
    private readonly ForwardPasses passes;

    /// <summary>
    /// A decoder over these weights (Hugging Face names, see <see cref="WeightShapes"/>), which it owns from now on. They may require gradients where
    /// they are all of one type; else norms and biases are float32 and all matrices bfloat16, float16 or, with scales beside them, int8.
    /// </summary>
    /// <exception cref="DitException">A weight is missing, unknown, or of another shape or type than the settings say.</exception>
    public Decoder(ModelConfig config, IReadOnlyDictionary<string, Tensor> weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        Config = config;
        this.weights = Checked(config, weights);
        Type = weights[WeightLayout.FinalNorm].dtype;
        var keptType = weights[WeightLayout.Embedding].dtype;
        Kept = keptType == Type ? KeptWeights.AsComputed : KeptWeightsTypes.Under32Bits(keptType)!.Value;
        Device = weights[WeightLayout.Embedding].device;
        Sites = [.. WeightLayout.Sites(config)];
        sites = Sites.ToDictionary(site => site.Name, StringComparer.Ordinal);
        layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => new DecoderLayer(config, layer, name => this.weights[name]))];
        finalNorm = new RmsNorm(this.weights[WeightLayout.FinalNorm], config.NormEpsilon, config.NormWeight);
        embedding = FrozenWeight.From(WeightLayout.Embedding, name => this.weights[name]);
        Head = config.TiedEmbeddings ? embedding : FrozenWeight.From(WeightLayout.Head, name => this.weights[name]);
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
    /// <param name="kept">How its matrices are kept; in fewer bits only where float32 is computed in. They are converted a few rows at a time.</param>
    /// <exception cref="DitException">Something is missing, damaged, not supported, or does not fit together.</exception>
    public static Decoder Load(
        string folder, ScalarType? dtype = ScalarType.Float32, Device? device = null, int mostTokens = int.MaxValue, KeptWeights kept = KeptWeights.AsComputed)
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
            var under = KeptTensors.Under(type, kept);
            return new Decoder(config, WeightLayout.Shapes(config).SelectMany(weight => KeptTensors.Of(
                weight.Key,
                weight.Value,
                under,
                type,
                device ?? CPU,
                whole: wanted => Cut(weight.Key, files.Map(weight.Key, wanted, device)),
                rows: (first, count) => files.LoadRows(weight.Key, first, count))).ToDictionary(StringComparer.Ordinal));
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

    /// <summary>How its matrices are kept.</summary>
    public KeptWeights Kept { get; }

    /// <summary>Where the weights are, and where inputs have to be.</summary>
    public Device Device { get; }

    /// <summary>All linear layers where something can be added, in the order of the computation.</summary>
    public IReadOnlyList<Site> Sites { get; }

    /// <summary>The linear layer of a name, or null.</summary>
    internal Site? SiteOf(string name) => sites.GetValueOrDefault(name);

    /// <summary>All weights by name, as they are kept; beside one in int8 its scales [out], as NAME_scale.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => weights;

    /// <summary>
    /// Whether a weight, as it is kept, is the same as another decoder's that keeps its weights alike; of two lengths, as far as both reach. The
    /// output head of a tied model is its embeddings.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such weight.</exception>
    public bool HoldsSame(string name, Decoder other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Parts(name).Zip(other.Parts(name)).All(part =>
        {
            using var scope = NewDisposeScope();
            var rows = Math.Min(part.First.shape[0], part.Second.shape[0]);
            return RowPieces.Holds(part.First.narrow(0, 0, rows), part.Second.narrow(0, 0, rows));
        });
    }

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
    public Tensor HiddenStates(Tensor inputIds, Tensor? attentionMask = null, Overlays? overlays = null, KeyValueCache? cache = null) =>
        HiddenStates(inputIds, attentionMask, overlays, cache, cacheRows: null);

    /// <summary>The same where inputIds are those of only some of the cache's rows.</summary>
    /// <exception cref="DitException">As above.</exception>
    internal Tensor HiddenStates(Tensor inputIds, Tensor? attentionMask, Overlays? overlays, KeyValueCache? cache, int[]? cacheRows)
    {
        ArgumentNullException.ThrowIfNull(inputIds);
        CheckInput(inputIds, attentionMask);
        using var scope = NewDisposeScope();
        var (rows, tokens) = (inputIds.shape[0], inputIds.shape[1]);
        overlays ??= Overlays.None;
        overlays.Check(sites, rows);
        return States(inputIds, passes.Begin(rows, tokens, attentionMask, overlays, cache, cacheRows)).MoveToOuterDisposeScope();
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
    public Tensor Logits(Tensor hidden) => Head.Product(hidden);

    /// <summary>The gradient of hidden states [n,H] from that of their scores [n,V].</summary>
    public Tensor HiddenGradient(Tensor gradient) => Head.InputGradient(gradient);

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

    /// <summary>The layers, in the order of the computation.</summary>
    internal IReadOnlyList<DecoderLayer> Layers => layers;

    /// <summary>The norm behind the last layer.</summary>
    internal RmsNorm FinalNorm => finalNorm;

    /// <summary>The output head, [V,H].</summary>
    internal FrozenWeight Head { get; }

    /// <summary>What goes into the first layer, [B,T,H].</summary>
    internal Tensor Embedded(Tensor inputIds)
    {
        var x = embedding.Rows(inputIds.flatten()).view(inputIds.shape[0], inputIds.shape[1], Config.HiddenSize);
        return embeddingScale is { } scale ? x.Times(scale) : x;
    }

    /// <summary>Where the tokens of a training step stand and what they see.</summary>
    internal ForwardPass BeginTraining(Tensor inputIds, Tensor? attentionMask)
    {
        CheckInput(inputIds, attentionMask);
        return passes.Begin(inputIds.shape[0], inputIds.shape[1], attentionMask, Overlays.None, cache: null);
    }

    /// <exception cref="DitException">A site is not the model's, or a pair does not fit its site or the rows of the batch.</exception>
    internal void Check(IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> terms, long rows)
    {
        foreach (var (name, here) in terms)
        {
            if (!sites.TryGetValue(name, out var site))
            {
                throw new DitException($"{name}: expected a linear layer of the model, found none of this name.");
            }

            foreach (var term in here)
            {
                term.CheckFits(site, rows);
            }
        }
    }

    private static void CheckInput(Tensor inputIds, Tensor? attentionMask)
    {
        if (inputIds.dim() != 2 || inputIds.numel() == 0 || (attentionMask is not null && !attentionMask.shape.AsSpan().SequenceEqual(inputIds.shape)))
        {
            throw new DitException($"model input: expected ids [rows, tokens] and a mask of the same shape, found [{string.Join(", ", inputIds.shape)}]"
                + (attentionMask is null ? "." : $" and [{string.Join(", ", attentionMask.shape)}]."));
        }

        if (attentionMask is not null)
        {
            AttentionMasks.CheckPaddingIsRight(attentionMask);
        }
    }

    private Tensor States(Tensor inputIds, ForwardPass pass) => finalNorm.Apply(layers.Aggregate(Embedded(inputIds), (x, layer) => layer.Apply(x, pass)));

    /// <summary>The tensors in which a weight is kept.</summary>
    private IEnumerable<Tensor> Parts(string name)
    {
        var stored = name == WeightLayout.Head && Config.TiedEmbeddings ? WeightLayout.Embedding : name;
        yield return weights[stored];
        if (weights.TryGetValue(WeightLayout.ScaleOf(stored), out var scales))
        {
            yield return scales;
        }
    }

    private static double Rounded(double number, ScalarType type)
    {
        using var scope = NewDisposeScope();
        return tensor((float)number).to(type).to(ScalarType.Float64).item<double>();
    }

    private static Dictionary<string, Tensor> Checked(ModelConfig config, IReadOnlyDictionary<string, Tensor> weights)
    {
        var shapes = WeightLayout.Shapes(config).ToDictionary(StringComparer.Ordinal);
        var inInt8 = weights.TryGetValue(WeightLayout.Embedding, out var embedding) && embedding.dtype == ScalarType.Int8;
        var scales = inInt8 ? shapes.Where(IsMatrix).ToDictionary(weight => WeightLayout.ScaleOf(weight.Key), weight => new[] { weight.Value[0] }, StringComparer.Ordinal) : [];
        WeightLayout.CheckNames(config, weights.Keys.Where(name => !scales.ContainsKey(name)));
        if (scales.Keys.FirstOrDefault(name => !weights.ContainsKey(name)) is { } missing)
        {
            throw new DitException($"{missing}: expected the scales of a weight in int8, found none.");
        }

        WeightLayout.CheckShapes(shapes.Concat(scales), name => weights[name].shape);

        // Of one type, or all matrices of another one that can be computed with in float32.
        var (computed, kept) = (weights[WeightLayout.FinalNorm].dtype, weights[WeightLayout.Embedding].dtype);
        kept = kept == computed || (computed == ScalarType.Float32 && KeptWeightsTypes.Under32Bits(kept) is not null) ? kept : computed;
        foreach (var weight in shapes)
        {
            var type = weights[weight.Key].dtype;
            if (type != (IsMatrix(weight) ? kept : computed) || !is_floating_point(computed))
            {
                throw new DitException($"{weight.Key}: expected all weights to be of one floating-point type, found {type}.");
            }
        }

        if (scales.Keys.FirstOrDefault(name => weights[name].dtype != ScalarType.Float32) is { } odd)
        {
            throw new DitException($"{odd}: expected scales in float32, found {weights[odd].dtype}.");
        }

        var known = shapes.Keys.Concat(scales.Keys).ToDictionary(name => name, name => weights[name], StringComparer.Ordinal);
        foreach (var weight in known.Values)
        {
            weight.DetachFromDisposeScope();
        }

        return known;

        static bool IsMatrix(KeyValuePair<string, long[]> weight) => weight.Value.Length == 2;
    }
}
