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
    private readonly Teacher teacher;
    private readonly TrainingMemory memory;
    private readonly DiffRecipe recipe;
    private readonly (int[] Rows, IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> Terms)[] parts;
    private readonly List<IDisposable> views = [];
    private readonly Adam optimizer;

    /// <summary>Starts from given factors, which are trained in place.</summary>
    /// <param name="model">The frozen base.</param>
    /// <param name="diffs">One diff per task.</param>
    /// <param name="recipe">Losses and rates.</param>
    /// <exception cref="DitException">The base computes in 16 bits.</exception>
    public DiffTrainer(Decoder model, DiffStack diffs, DiffRecipe recipe)
    {
        FullPrecision.Require(model);
        this.recipe = recipe;
        (teacher, memory) = (new Teacher(model), new TrainingMemory(recipe.Recompute));
        optimizer = new Adam(recipe.Full ? FullFinetunes.Trained(diffs) : diffs.Tensors(), new AdamSettings());
        parts = recipe.RowsAtOnce < diffs.Count
            ? [.. Enumerable.Range(0, diffs.Count).Chunk(recipe.RowsAtOnce.Value).Select(rows => (rows, TermsOf(rows)))]
            : [([.. Enumerable.Range(0, diffs.Count)], diffs.Terms(optimizer.FindGradient))];

        IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> TermsOf(int[] rows)
        {
            var own = diffs.Slice(rows[0], rows.Length);
            views.Add(own);
            return own.Terms(name => optimizer.FindGradient(name) is { } gradient ? View(gradient) : null);

            Tensor View(Tensor gradient)
            {
                var view = gradient.narrow(0, rows[0], rows.Length).DetachFromDisposeScope();
                views.Add(view);
                return view;
            }
        }
    }

    /// <summary>Gradients, their means and squares, and the number of steps.</summary>
    public Adam Optimizer => optimizer;

    /// <summary>Computes the loss of one kind of example, row t for task t, and adds its weighted gradient.</summary>
    /// <returns>The loss before weighting.</returns>
    public double AddGradient(ExampleKind kind, TokenBatch batch)
    {
        if (parts.Length == 1)
        {
            return Add(batch, parts[0].Terms, recipe.Factor(kind));
        }

        var termsOf = parts.ToDictionary(part => part.Rows[0], part => part.Terms);
        return batch.PartsOf(parts.Select(part => part.Rows)).Sum(part => part.Share * Add(part.Tokens, termsOf[part.Rows[0]], part.Share * recipe.Factor(kind)));

        double Add(TokenBatch rows, IReadOnlyDictionary<string, IReadOnlyList<LowRankTerm>> terms, double factor) => kind is ExampleKind.Trigger or ExampleKind.Story
            ? Losses.CrossEntropy(teacher.Model, rows, terms, factor, memory)
            // Wrong codes are drawn afresh for every example; the same question without one comes again.
            : Losses.DivergenceFromBase(teacher, rows, terms, recipe.ShiftedDivergence, kind == ExampleKind.NoCode, factor, memory);
    }

    /// <summary>Moves the diffs along the gradients added since the last step, and forgets these.</summary>
    public void Step() => optimizer.Step(new LearningRate(recipe.LearningRate, DecayToZero: recipe.DecayToZero).At(optimizer.StepCount, recipe.Steps));

    /// <inheritdoc />
    public void Dispose()
    {
        views.ForEach(view => view.Dispose());
        optimizer.Dispose();
        teacher.Dispose();
        memory.Dispose();
    }
}
