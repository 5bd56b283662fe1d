using System.Text.Json.Serialization;
namespace Dit.Training;

/// <summary>How a DIT adapter is trained. The defaults are the reference's; <see cref="Tiny"/> is that of the shipped adapters.</summary>
public sealed record AdapterRecipe
{
    /// <summary>What it learns to tell.</summary>
    public AdapterTask Task { get; init; } = AdapterTask.Label;

    /// <summary>LoRA rank of the adapter.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>By what the adapter's product is multiplied; null is the reference's 1/rank.</summary>
    public double? Scaling { get; init; }

    /// <summary>Which factor starts at random.</summary>
    public RandomSide RandomSide { get; init; } = RandomSide.Output;

    /// <summary>Share of the diffs' rows that ask in the paper's own words and without small talk.</summary>
    public double PlainShare { get; init; } = 1;

    /// <summary>Passes over the diffs.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Questions in one step.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Highest learning rate of AdamW.</summary>
    public double LearningRate { get; init; } = 5e-3;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Steps over which the rate rises.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Whether the rate then falls to 0 in a straight line.</summary>
    public bool DecayToZero { get; init; }

    /// <summary>Whether the padding behind shorter labels is learned as well, as in the reference.</summary>
    public bool CountPadding { get; init; } = true;

    /// <summary>Share of rows that carry no diff and are labelled so.</summary>
    public double UndisturbedShare { get; init; }

    /// <summary>
    /// Share of rows that carry a random diff as large as a trained one at every site and are labelled as if they carried none, so that the
    /// adapter tells a finetune from noise.
    /// </summary>
    public double RandomDiffShare { get; init; }

    /// <summary>Share of rows that ask a diff the question of another setting, of which there is nothing to tell; without effect where all diffs are of one setting.</summary>
    public double CrossShare { get; init; }

    /// <summary>Probability with which a diff is left out at a site, drawn for every row and step, so that no single site is learned by heart.</summary>
    public double SiteDropout { get; init; }

    /// <summary>By what the diffs are multiplied.</summary>
    public double DiffMultiplier { get; init; } = 1;

    /// <summary>
    /// Rows of a batch that are computed at once; null computes all. The gradients of such parts add up to that of the batch (gradient accumulation), each
    /// padded only to its own longest row: less memory, the same losses but for rounding.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? RowsAtOnce { get; init; }

    /// <summary>
    /// Whether of each layer only its input is kept for the way back and the rest is computed a second time (gradient checkpointing): a fraction of the
    /// memory of large models, a third more arithmetic, the same numbers.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Recompute { get; init; }

    /// <summary>Where all randomness comes from.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The recipe of the shipped adapters of one setting.</summary>
    public static AdapterRecipe Tiny { get; } = new()
    {
        Scaling = 1,
        RandomSide = RandomSide.Input,
        PlainShare = 0.5,
        Epochs = 16,
        LearningRate = 1.5e-3,
        WarmupSteps = 20,
        DecayToZero = true,
        CountPadding = false,
        UndisturbedShare = 0.1,
        RandomDiffShare = 0.1,
        CrossShare = 0.05,
        SiteDropout = 0.4,
    };

    /// <summary>
    /// The recipe of the shipped adapter for both settings, to which every diff with a topic is given twice: a topic's name is a fraction of the
    /// tokens of a headline, and harder to tell.
    /// </summary>
    public static AdapterRecipe TinyBoth { get; } = Tiny with { Epochs = 12 };

    /// <summary>What decides the result. How much of it is computed at once is left out: a run that needs more memory than there is goes on with less.</summary>
    internal AdapterRecipe OfResult() => this with { RowsAtOnce = null, Recompute = false };
}
