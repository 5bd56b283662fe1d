namespace Dit.Models.Generation;

/// <summary>How an answer is drawn from a model.</summary>
/// <param name="MaxNewTokens">Where an answer ends at the latest.</param>
/// <param name="Temperature">What the scores are divided by before drawing; 0 always takes the likeliest token.</param>
/// <param name="TopP">Only the likeliest tokens that together reach this probability are drawn.</param>
/// <param name="Seed">Every row draws from a stream of its own that this seed gives; not used at temperature 0.</param>
/// <param name="Contrast">Draws from what the additions to the model favour against the model without them; null for the scores as they are.</param>
/// <param name="EndsWhereNotFinite">An answer whose scores are no finite numbers ends there; else that is an error.</param>
public sealed record GenerationSettings(
    int MaxNewTokens = 64, double Temperature = 0, double TopP = 1, ulong Seed = 0, Contrast? Contrast = null, bool EndsWhereNotFinite = false)
{
    /// <exception cref="DitException">A setting makes no sense.</exception>
    internal void Check()
    {
        if (MaxNewTokens < 0)
        {
            throw new DitException($"generation: expected MaxNewTokens not to be negative, found {MaxNewTokens}.");
        }

        // Scores divided by less than this could become infinite.
        const double least = 1e-6;
        if (Temperature != 0 && !(Temperature >= least && double.IsFinite(Temperature)))
        {
            throw new DitException($"generation: expected Temperature to be 0 or a number of at least {least}, found {Temperature}.");
        }

        if (!(TopP > 0 && TopP <= 1))
        {
            throw new DitException($"generation: expected TopP to be above 0 and at most 1, found {TopP}.");
        }

        Contrast?.Check();
    }
}
