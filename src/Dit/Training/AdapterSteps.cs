using Dit.Diffs;
using Dit.Models;
using Dit.Models.Randomness;

namespace Dit.Training;

/// <summary>All that a step of an adapter's training needs beside the adapter.</summary>
/// <param name="Carried">Diff i is what row i carries, on the CPU.</param>
/// <param name="Tokens">Questions with labels.</param>
internal sealed record AdapterStep(DiffStack Carried, TokenBatch Tokens) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Carried.Dispose();
}

/// <summary>The steps of an adapter's training. None depends on what the ones before have learned, so they can be made while an earlier one is done.</summary>
/// <param name="model">Base and tokenizer.</param>
/// <param name="parts">The sets, and of each the diffs that are learned from.</param>
/// <param name="lessons">What is asked about these.</param>
/// <param name="recipe">How.</param>
internal sealed class AdapterSteps(BaseModel model, IReadOnlyList<(DiffSet Set, DiffRecord[] Records)> parts, AdapterLessons lessons, AdapterRecipe recipe)
{
    internal const int MostAhead = 2;

    /// <summary>How many there are.</summary>
    public int Count { get; } = recipe.Epochs * lessons.StepsPerEpoch;

    /// <summary>How many to make before they are needed: a few, or one where diffs are large.</summary>
    public int Ahead => DiffMemory.Batches(model.Decoder.Sites, recipe.BatchSize, parts.Max(part => part.Records.Max(record => record.Rank)), MostAhead);

    /// <summary>The steps from a given one on.</summary>
    /// <exception cref="DitException">A shard is missing or damaged by now.</exception>
    public IEnumerable<AdapterStep> From(int first)
    {
        using var diffs = new CarriedDiffs(parts, recipe.DiffMultiplier);
        IReadOnlyList<AdapterLesson[]> epoch = [];
        for (var step = first; step < Count; step++)
        {
            if (step == first || step % lessons.StepsPerEpoch == 0)
            {
                epoch = lessons.Epoch(step / lessons.StepsPerEpoch);
            }

            yield return Make(step, epoch[step % lessons.StepsPerEpoch], diffs);
        }
    }

    private AdapterStep Make(int step, AdapterLesson[] batch, CarriedDiffs diffs)
    {
        var tokens = TokenBatch.Pad([.. batch.Select(lesson => model.Tokenizer.EncodeAnswer(lesson.Prompt, lesson.Answer))], model.Tokenizer.PadTokenId, recipe.CountPadding);
        var carried = diffs.Of(batch, RandomStream.Named(recipe.Seed, $"adapter/random-diffs/{step}"));
        if (recipe.SiteDropout > 0)
        {
            carried.DropSites(RandomStream.Named(recipe.Seed, $"adapter/site-dropout/{step}"), recipe.SiteDropout);
        }

        return new AdapterStep(carried, tokens);
    }
}
