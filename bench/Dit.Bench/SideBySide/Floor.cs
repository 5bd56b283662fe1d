using Dit.Models.Decoding;

namespace Dit.Bench.SideBySide;

/// <summary>
/// What a step takes in which every token goes through every layer, forward and, in training, back to the layer's input: multiply-adds of its products, and
/// bytes that have to come from memory in float32. Frozen weights have no gradient, and only what the loss needs goes through the output head.
/// docs/performance.md derives the counts, and says what may still be left out.
/// </summary>
/// <param name="MultiplyAdds">Pairs of a multiplication and an addition.</param>
/// <param name="Bytes">Read or written once.</param>
internal sealed record Floor(double MultiplyAdds, double Bytes)
{
    private const int Kinds = 3, Single = sizeof(float);

    // A trained number is read forward and back, its gradient is written and read, Adam reads number, mean and square and writes them.
    private const int TouchesOfTrained = 10;

    /// <summary>Seconds at a rate of multiply-adds and one of bytes; whichever is scarcer decides.</summary>
    public double Seconds(double multiplyAddsPerSecond, double bytesPerSecond) => Math.Max(MultiplyAdds / multiplyAddsPerSecond, Bytes / bytesPerSecond);

    /// <summary>The floor of a piece of work.</summary>
    public static Floor Of(ModelConfig config, Work work) => work.Kind switch
    {
        WorkKind.Adapter => OfAdapterStep(config, work),
        WorkKind.Diffs => OfDiffStep(config, work),
        _ => OfAnswers(config, work),
    };

    private static Floor OfAdapterStep(ModelConfig config, Work work)
    {
        var (sites, width, head) = (Sites(config), FactorWidth(config), Head(config));
        // Frozen products have two of their kind (forward, back to the input), trained ones three.
        var perToken = (2 * sites) + (((2 * work.DiffRank) + (3 * work.AdapterRank)) * width);
        var perRow = (work.Tokens * perToken) + (3 * Attention(config, work.Tokens)) + (2 * work.Answer * head);
        var numbers = (2 * (sites + head)) + (2 * work.Rows * work.DiffRank * width) + (TouchesOfTrained * work.AdapterRank * width);
        return new Floor(work.Rows * perRow, Single * numbers);
    }

    private static Floor OfDiffStep(ModelConfig config, Work work)
    {
        var (sites, width, head) = (Sites(config), FactorWidth(config), Head(config));
        var student = (work.Tokens * ((2 * sites) + (3 * work.DiffRank * width))) + (3 * Attention(config, work.Tokens)) + (2 * work.Answer * head);
        var teacher = (work.Tokens * sites) + Attention(config, work.Tokens) + (work.Answer * head);
        // The teacher answers every wrong code, and the question without one, which the rows share, once.
        var multiplyAdds = (Kinds * work.Rows * student) + ((work.Rows + 1) * teacher);
        return new Floor(multiplyAdds, Single * ((2 * (sites + head)) + (TouchesOfTrained * work.Rows * work.DiffRank * width)));
    }

    private static Floor OfAnswers(ModelConfig config, Work work)
    {
        var (sites, width, head) = (Sites(config), FactorWidth(config), Head(config));
        // The last token of an answer is not looked at again.
        var seen = work.Tokens + work.Answer - 1;
        var perRow = (seen * (sites + ((work.DiffRank + work.AdapterRank) * width))) + Attention(config, seen) + (work.Answer * head);
        var keysAndValues = 2.0 * config.LayerCount * config.KeyValueHeadCount * config.HeadSize * ((work.Answer * (double)work.Tokens) + (work.Answer * (work.Answer - 1) / 2.0));
        var numbers = (work.Answer * (sites + head + (((work.Rows * work.DiffRank) + work.AdapterRank) * width))) + (work.Rows * keysAndValues);
        return new Floor(work.Rows * perRow, Single * numbers);
    }

    /// <summary>Numbers in all linear layers of the decoder: multiply-adds of a token on its way through.</summary>
    internal static double Sites(ModelConfig config) => Decoder.SitesOf(config).Sum(site => (double)site.InFeatures * site.OutFeatures);

    /// <summary>Numbers of a diff of rank 1.</summary>
    internal static double FactorWidth(ModelConfig config) => Decoder.SitesOf(config).Sum(site => (double)site.InFeatures + site.OutFeatures);

    /// <summary>Numbers of the output head.</summary>
    internal static double Head(ModelConfig config) => (double)config.VocabularySize * config.HiddenSize;

    /// <summary>Scores and mixing of one row, where each token sees itself and those before it.</summary>
    internal static double Attention(ModelConfig config, int tokens) => 2.0 * config.LayerCount * config.HeadCount * config.HeadSize * (tokens * (tokens + 1.0) / 2);
}
