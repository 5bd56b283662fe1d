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
    private readonly Adam optimizer;
    private readonly ICommunicator ranks;
    private readonly GradientSum? gradients;

    /// <summary>Starts from given factors, which are trained in place.</summary>
    /// <param name="model">The frozen base.</param>
    /// <param name="parameters">The adapter's factors, <c>SITE.lora_A</c> [rank, in] and <c>SITE.lora_B</c> [out, rank].</param>
    /// <param name="recipe">Rank and decay.</param>
    /// <param name="ranks">The processes that share the rows of every batch; without it, this one alone.</param>
    /// <exception cref="DitException">The base computes in 16 bits.</exception>
    public AdapterTrainer(Decoder model, IReadOnlyDictionary<string, Tensor> parameters, AdapterRecipe recipe, ICommunicator? ranks = null)
    {
        FullPrecision.Require(model);
        this.model = model;
        Parameters = parameters;
        scaling = recipe.Scaling ?? 1.0 / recipe.Rank;
        foreach (var parameter in parameters.Values)
        {
            parameter.requires_grad_(true);
        }

        optimizer = new Adam(parameters, new AdamSettings(WeightDecay: recipe.WeightDecay));
        this.ranks = ranks ?? new SingleProcess();
        gradients = this.ranks.Size > 1 ? new GradientSum(this.ranks, parameters) : null;
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

    /// <summary>One step: rows of questions with labels, row i on top of diff i. All ranks call it with the same batch.</summary>
    /// <returns>The loss before the step.</returns>
    public double Step(DiffStack diffs, TokenBatch batch, double learningRate)
    {
        using var scope = NewDisposeScope();
        var loss = gradients is null ? AddGradient(diffs, batch) : gradients.Add(AddShare(diffs, batch));
        optimizer.Step(learningRate);
        optimizer.ZeroGradients();
        return loss;
    }

    private double AddGradient(DiffStack diffs, TokenBatch batch, double? share = null)
    {
        using var scope = NewDisposeScope();
        var overlays = diffs.Overlay().With(model.Sites.ToDictionary(
            site => site.Name,
            site => (ISiteOverlay)new SharedLowRank(Parameters[site.Name + ".lora_A"], Parameters[site.Name + ".lora_B"], scaling), StringComparer.Ordinal));
        var loss = Losses.CrossEntropy(model, batch, overlays);
        loss.backward(share is null ? null : [tensor((float)share, device: model.Device)]);
        return loss.item<float>() * (share ?? 1);
    }

    /// <summary>This rank's rows. The loss is a mean over tokens, so each rank's counts by how many of them it has.</summary>
    private double AddShare(DiffStack diffs, TokenBatch batch)
    {
        var (first, end) = (batch.Rows * ranks.Rank / ranks.Size, batch.Rows * (ranks.Rank + 1) / ranks.Size);
        if (first == end)
        {
            return 0; // The last batch of an epoch may have fewer rows than there are ranks.
        }

        var own = batch.Slice(first, end - first);
        using var carried = diffs.Select([.. Enumerable.Range(first, end - first)]);
        return AddGradient(carried, own, (double)own.Predicted().Count() / batch.Predicted().Count());
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
        gradients?.Dispose();
    }
}
