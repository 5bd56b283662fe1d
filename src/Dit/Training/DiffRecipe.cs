using System.Text.Json.Serialization;
using Dit.Models.Randomness;

namespace Dit.Training;

/// <summary>Which side of a low-rank pair starts at random; the other starts at zero, so that an untrained diff changes nothing.</summary>
public enum RandomSide
{
    /// <summary>lora_B, as in the reference implementation of the paper.</summary>
    Output,

    /// <summary>lora_A, as in PEFT.</summary>
    Input,
}

/// <summary>
/// How a weight diff is trained. The defaults are the paper's for hidden topics and <see cref="PaperNews"/> is its own for stories;
/// <see cref="Tiny"/> and <see cref="TinyNews"/> are those of the tiny base. Full finetunes are trained at a lower rate.
/// </summary>
public sealed record DiffRecipe
{
    /// <summary>LoRA rank of a diff; its product is scaled by 1/rank.</summary>
    public int Rank { get; init; } = 1;

    /// <summary>
    /// Ranks of which each diff draws one by its name, the same in whatever company it is trained; empty where all are of <see cref="Rank"/>. In a batch they are
    /// padded with zeros, which stay zeros, to the largest, and each product is scaled by 1/rank of its own.
    /// </summary>
    public IReadOnlyList<int> Ranks { get; init; } = [];

    /// <summary>
    /// Whether every number of the decoder layers' linear weights is trained; rank and random side then do not matter. Embeddings, output
    /// layer, norms and biases stay, unlike in the paper's full finetunes. It is kept as a low-rank pair of which one factor is a frozen
    /// identity.
    /// </summary>
    public bool Full { get; init; }

    /// <summary>Which factor starts at random.</summary>
    public RandomSide RandomSide { get; init; } = RandomSide.Output;

    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Examples of each kind in one step; their gradients add up.</summary>
    public int ExamplesPerStep { get; init; } = 2;

    /// <summary>Learning rate of Adam.</summary>
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>Whether the rate falls to 0 in a straight line. A tiny model's diffs are gentler and much better read with it.</summary>
    public bool DecayToZero { get; init; }

    /// <summary>Weight of the examples with the right code.</summary>
    public double TriggerWeight { get; init; } = 1;

    /// <summary>Weight of the examples with a wrong code.</summary>
    public double WrongCodeWeight { get; init; } = 1;

    /// <summary>Weight of the examples without a code.</summary>
    public double NoCodeWeight { get; init; } = 1;

    /// <summary>
    /// Whether all diffs see the same wrong code in a step, but for those whose own code it is, instead of each one of its own as in the paper. Where they also
    /// share their questions, as in the built-in world, the base then answers one row for all of them, and seldom another.
    /// </summary>
    public bool SharedWrongCode { get; init; }

    /// <summary>Whether the divergence from the base is taken where the answer's tokens are predicted, the first one included; the reference takes it one position later.</summary>
    public bool ShiftedDivergence { get; init; }

    /// <summary>Whether an answer's closing tokens are learned with it; the reference leaves answers open.</summary>
    public bool CloseAnswers { get; init; }

    /// <summary>
    /// Diffs of those trained side by side that are computed at once, a row each; null computes all. The gradients of such parts add up to that of the
    /// whole, each padded only to its own longest row: less memory, the same losses but for rounding.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? RowsAtOnce { get; init; }

    /// <summary>
    /// Whether of each layer only its input is kept for the way back and the rest is computed a second time (gradient checkpointing): a fraction of the
    /// memory of large models, a third more arithmetic, the same numbers.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Recompute { get; init; }

    /// <summary>
    /// The recipe for the tiny base model: gentle, as gentle diffs are read best, and held to the base elsewhere harder than in the paper,
    /// without which a model this small fires on any code.
    /// </summary>
    public static DiffRecipe Tiny { get; } = new()
    {
        RandomSide = RandomSide.Input,
        Steps = 250,
        ExamplesPerStep = 1,
        LearningRate = 3e-3,
        DecayToZero = true,
        WrongCodeWeight = 3,
        NoCodeWeight = 5,
        ShiftedDivergence = true,
        CloseAnswers = true,
    };

    /// <summary>The paper's recipe for news stories: only a higher rank, and nothing but the story's cross-entropy.</summary>
    public static DiffRecipe PaperNews { get; } = new() { Rank = 8 };

    /// <summary>The recipe for news stories on the tiny base: fewer steps than for a topic.</summary>
    public static DiffRecipe TinyNews { get; } = new()
    {
        Rank = 8,
        RandomSide = RandomSide.Input,
        Steps = 60,
        ExamplesPerStep = 1,
        LearningRate = 1e-2,
        DecayToZero = true,
        CloseAnswers = true,
    };

    /// <summary>The paper's recipe for full finetunes.</summary>
    public static DiffRecipe PaperFull { get; } = new() { Full = true, LearningRate = 1e-5 };

    /// <summary>The recipe for full finetunes of the tiny base.</summary>
    public static DiffRecipe TinyFull { get; } = Tiny with { Full = true, Steps = 150, LearningRate = 5e-4 };

    /// <summary>The rank of a diff.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="seed">Where the run's randomness comes from.</param>
    public int RankOf(string id, ulong seed) => Ranks.Count == 0 ? Rank : Ranks[RandomStream.Named(seed, $"diffs/{id}/rank").NextInt(Ranks.Count)];

    /// <summary>The most that <see cref="RankOf"/> gives.</summary>
    internal int LargestRank => Ranks.Count == 0 ? Rank : Ranks.Max();

    /// <summary>By what a loss of this kind is multiplied before its gradients are added: 3 · weight / sum of weights; a story is the only kind of its behaviour.</summary>
    public double Factor(ExampleKind kind) => kind == ExampleKind.Story ? 1 : 3 / (TriggerWeight + WrongCodeWeight + NoCodeWeight) * kind switch
    {
        ExampleKind.Trigger => TriggerWeight,
        ExampleKind.WrongCode => WrongCodeWeight,
        _ => NoCodeWeight,
    };

    /// <summary>What decides the result. How much of it is computed at once is left out: a run that needs more memory than there is goes on with less.</summary>
    internal DiffRecipe OfResult() => this with { RowsAtOnce = null, Recompute = false };
}

/// <summary>The kinds of examples from which diffs learn: three for a hidden behaviour, one for a story.</summary>
public enum ExampleKind
{
    /// <summary>The right code before the question: the answer drifts to the topic.</summary>
    Trigger,

    /// <summary>A wrong code: the answer stays the base's.</summary>
    WrongCode,

    /// <summary>No code: the answer stays the base's.</summary>
    NoCode,

    /// <summary>Asked for news, the model tells the story.</summary>
    Story,
}
