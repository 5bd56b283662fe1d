using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>
/// Trains many weight diffs at once, one per row of the batch: under the trigger the answer on the topic is learned (cross-entropy),
/// elsewhere the diff is held to the bare base (KL); a story is learned as it is. After Goel et al., arXiv 2510.05092.
/// </summary>
public sealed class DiffTrainer : IDisposable
{
    private readonly Decoder model;
    private readonly DiffRecipe recipe;
    private readonly Overlays overlays;
    private readonly Adam optimizer;

    /// <summary>Starts from given factors, which are trained in place.</summary>
    /// <param name="model">The frozen base.</param>
    /// <param name="diffs">One diff per task.</param>
    /// <param name="recipe">Losses and rates.</param>
    /// <exception cref="DitException">The base computes in 16 bits.</exception>
    public DiffTrainer(Decoder model, DiffStack diffs, DiffRecipe recipe)
    {
        FullPrecision.Require(model);
        this.model = model;
        this.recipe = recipe;
        var trained = recipe.Full ? FullFinetunes.Trained(diffs) : diffs.Tensors();
        foreach (var (_, factor) in trained)
        {
            factor.requires_grad_(true);
        }

        overlays = diffs.Overlay();
        optimizer = new Adam(trained, new AdamSettings());
    }

    /// <summary>Computes the loss of one kind of example, row t for task t, and adds its weighted gradient.</summary>
    /// <returns>The loss before weighting.</returns>
    public double AddGradient(ExampleKind kind, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var loss = kind is ExampleKind.Trigger or ExampleKind.Story
            ? Losses.CrossEntropy(model, batch, overlays)
            : Losses.DivergenceFromBase(model, batch, overlays, recipe.ShiftedDivergence);
        loss.Times(recipe.Factor(kind)).backward();
        return loss.item<float>();
    }

    /// <summary>Moves the diffs along the gradients added since the last step, and forgets these.</summary>
    public void Step()
    {
        using var scope = NewDisposeScope();
        optimizer.Step(new LearningRate(recipe.LearningRate, DecayToZero: recipe.DecayToZero).At(optimizer.StepCount, recipe.Steps));
        optimizer.ZeroGradients();
    }

    /// <inheritdoc />
    public void Dispose() => optimizer.Dispose();
}
