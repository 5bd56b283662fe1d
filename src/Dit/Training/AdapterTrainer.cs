using Dit.Diffs;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using Dit.Training.DataParallel;
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
    private readonly TrainingMemory memory;
    private readonly ICommunicator ranks;

    /// <summary>Starts from given factors, which are trained in place and disposed with it.</summary>
    /// <param name="model">The frozen base.</param>
    /// <param name="parameters">The adapter's factors, <c>SITE.lora_A</c> [rank, in] and <c>SITE.lora_B</c> [out, rank].</param>
    /// <param name="recipe">Rank and decay.</param>
    /// <param name="ranks">The processes that share the rows of every batch; without it, this one alone.</param>
    /// <exception cref="DitException">The base computes in 16 bits.</exception>
    public AdapterTrainer(Decoder model, IReadOnlyDictionary<string, Tensor> parameters, AdapterRecipe recipe, ICommunicator? ranks = null)
    {
        FullPrecision.Require(model);
        (this.model, this.recipe) = (model, recipe);
        Parameters = parameters;
        scaling = recipe.Scaling ?? 1.0 / recipe.Rank;
        optimizer = new Adam(parameters, new AdamSettings(WeightDecay: recipe.WeightDecay));
        memory = new TrainingMemory(recipe.Recompute);
        this.ranks = ranks ?? new SingleProcess();
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

    /// <summary>
    /// One step: rows of questions with labels, row i on top of diff i; as many of them at once as the recipe says. The diffs may be on the CPU where
    /// the model is not. All ranks call it with the same batch.
    /// </summary>
    /// <returns>The loss before the step.</returns>
    public double Step(DiffStack diffs, TokenBatch batch, double learningRate)
    {
        var loss = ranks.Size == 1 ? AddInParts(diffs, batch, first: 0, share: 1) : AddTogether(diffs, batch);
        Step(learningRate);
        return loss;
    }

    /// <summary>Computes the loss of some rows and adds its gradient, for a step of several such parts.</summary>
    /// <param name="diffs">Diff i is what row i carries.</param>
    /// <param name="batch">Questions with labels.</param>
    /// <param name="share">The part of the step's counted tokens that these rows have, so that the whole gives what it would give at once.</param>
    /// <returns>The mean loss of these rows.</returns>
    public double AddGradient(DiffStack diffs, TokenBatch batch, double share = 1)
    {
        var carried = diffs.Terms();
        return Losses.CrossEntropy(model, batch, adapter.ToDictionary(site => site.Key, site => Both(site.Key, site.Value), StringComparer.Ordinal), share, memory);

        IReadOnlyList<LowRankTerm> Both(string site, LowRankTerm trained) => carried.TryGetValue(site, out var diff) ? [.. diff, trained] : [trained];
    }

    /// <summary>Moves the adapter along the gradients added since the last step, and forgets these.</summary>
    public void Step(double learningRate) => optimizer.Step(learningRate);

    /// <summary>This rank takes its own rows, and all add up what they have. The loss is a mean over tokens, so each rank's counts by how many of them it has.</summary>
    private double AddTogether(DiffStack diffs, TokenBatch batch)
    {
        var (first, end) = (batch.Rows * ranks.Rank / ranks.Size, batch.Rows * (ranks.Rank + 1) / ranks.Size);
        var loss = 0.0;
        // The last batch of an epoch may have fewer rows than there are ranks.
        if (first < end)
        {
            var own = batch.Slice(first, end - first);
            var share = (double)own.Predicted().Count() / batch.Predicted().Count();
            loss = AddInParts(diffs, own, first, share);
        }

        ranks.Sum(optimizer.Gradients);
        return ranks.Sum(loss);
    }

    /// <summary>Rows that carry the diffs from the first on, with their share of the step.</summary>
    private double AddInParts(DiffStack diffs, TokenBatch rows, int first, double share)
    {
        var parts = rows.InParts(recipe.RowsAtOnce);
        return parts.Count == 1 && rows.Rows == diffs.Count && diffs.Device.type == model.Device.type ? share * AddGradient(diffs, rows, share) : parts.Sum(Add);

        double Add(BatchPart part)
        {
            using var carried = diffs.Select([.. part.Rows.Select(row => first + row)], model.Device);
            return part.Share * share * AddGradient(carried, part.Tokens, part.Share * share);
        }
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
        memory.Dispose();
        foreach (var factor in Parameters.Values)
        {
            factor.Dispose();
        }
    }
}
