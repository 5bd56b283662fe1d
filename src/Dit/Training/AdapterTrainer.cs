using Dit.Diffs;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>
/// Trains the DIT adapter: one LoRA shared by all rows, on top of the diff that each row carries, such that a question about the diff
/// is answered with its label. After Goel et al., arXiv 2510.05092.
/// </summary>
public sealed class AdapterTrainer : IDisposable
{
    private readonly Decoder model;
    private readonly double scaling;
    private readonly AdapterRecipe recipe;
    private readonly Dictionary<string, LowRankTerm> adapter;
    private readonly Adam optimizer;

    /// <summary>Starts from given factors, which are trained in place and disposed with it.</summary>
    /// <param name="model">The frozen base.</param>
    /// <param name="parameters">The adapter's factors, <c>SITE.lora_A</c> [rank, in] and <c>SITE.lora_B</c> [out, rank].</param>
    /// <param name="recipe">Rank and decay.</param>
    /// <exception cref="DitException">The base computes in 16 bits.</exception>
    public AdapterTrainer(Decoder model, IReadOnlyDictionary<string, Tensor> parameters, AdapterRecipe recipe)
    {
        FullPrecision.Require(model);
        (this.model, this.recipe) = (model, recipe);
        Parameters = parameters;
        scaling = recipe.Scaling ?? 1.0 / recipe.Rank;
        optimizer = new Adam(parameters, new AdamSettings(WeightDecay: recipe.WeightDecay));
        adapter = model.Sites.ToDictionary(site => site.Name, site => Term(site.Name + ".lora_A", site.Name + ".lora_B"), StringComparer.Ordinal);

        LowRankTerm Term(string a, string b) => new(parameters[a], parameters[b], scaling, optimizer.Gradient(a), optimizer.Gradient(b));
    }

    /// <summary>The trained factors.</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters { get; }

    /// <summary>Mean and square of gradients and the number of steps.</summary>
    public Adam Optimizer => optimizer;

    /// <summary>Freshly drawn factors, one of each pair zero, so that the first step starts from the bare model. They are on the CPU where no other device is named.</summary>
    public static Dictionary<string, Tensor> Draw(IReadOnlyList<Site> sites, AdapterRecipe recipe, Device? device = null)
    {
        device ??= CPU;
        var parameters = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var site in sites)
        {
            var random = RandomStream.Named(recipe.Seed, "adapter/initial/" + site.Name);
            var onInput = recipe.RandomSide == RandomSide.Input;
            var (rows, columns) = onInput ? (recipe.Rank, site.InFeatures) : (site.OutFeatures, recipe.Rank);
            var deviation = onInput ? 1 / Math.Sqrt(site.InFeatures) : 1;
            var values = Enumerable.Range(0, rows * columns).Select(_ => (float)(deviation * random.NextGaussian())).ToArray();
            // A copy: the numbers of an array lie wherever they lie, and the last bits of a product depend on how its factors are aligned.
            using var drawn = tensor(values, rows, columns);
            parameters[site.Name + ".lora_A"] = (onInput ? drawn.to(device, copy: true) : zeros(recipe.Rank, site.InFeatures, device: device)).DetachFromDisposeScope();
            parameters[site.Name + ".lora_B"] = (onInput ? zeros(site.OutFeatures, recipe.Rank, device: device) : drawn.to(device, copy: true)).DetachFromDisposeScope();
        }

        return parameters;
    }

    /// <summary>One step: rows of questions with labels, row i on top of diff i; as many of them at once as the recipe says. The diffs may be on the CPU where the model is not.</summary>
    /// <returns>The loss before the step.</returns>
    public double Step(DiffStack diffs, TokenBatch batch, double learningRate)
    {
        var parts = batch.InParts(recipe.RowsAtOnce);
        var loss = parts.Count == 1 && diffs.Device.type == model.Device.type ? AddGradient(diffs, batch) : parts.Sum(Add);
        Step(learningRate);
        return loss;

        double Add(BatchPart part)
        {
            using var carried = diffs.Select(part.Rows, model.Device);
            return part.Share * AddGradient(carried, part.Tokens, part.Share);
        }
    }

    /// <summary>Computes the loss of some rows and adds its gradient, for a step of several such parts.</summary>
    /// <param name="diffs">Diff i is what row i carries.</param>
    /// <param name="batch">Questions with labels.</param>
    /// <param name="share">The part of the step's counted tokens that these rows have, so that the whole gives what it would give at once.</param>
    /// <returns>The mean loss of these rows.</returns>
    public double AddGradient(DiffStack diffs, TokenBatch batch, double share = 1)
    {
        var carried = diffs.Terms();
        return Losses.CrossEntropy(model, batch, adapter.ToDictionary(site => site.Key, site => Both(site.Key, site.Value), StringComparer.Ordinal), share, recipe.Recompute);

        IReadOnlyList<LowRankTerm> Both(string site, LowRankTerm trained) => carried.TryGetValue(site, out var diff) ? [.. diff, trained] : [trained];
    }

    /// <summary>Moves the adapter along the gradients added since the last step, and forgets these.</summary>
    public void Step(double learningRate)
    {
        optimizer.Step(learningRate);
        optimizer.ZeroGradients();
    }

    /// <summary>The adapter in PEFT's form.</summary>
    public PeftAdapter ToPeft(string baseModel)
    {
        using var scope = NewDisposeScope();
        return new(baseModel, model.Sites.ToDictionary(
            site => site.Name,
            site => new LowRankFactors(Copy(site.Name + ".lora_A"), Copy(site.Name + ".lora_B"), scaling),
            StringComparer.Ordinal));

        Tensor Copy(string name) => Parameters[name].detach().clone().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        optimizer.Dispose();
        foreach (var factor in Parameters.Values)
        {
            factor.Dispose();
        }
    }
}
