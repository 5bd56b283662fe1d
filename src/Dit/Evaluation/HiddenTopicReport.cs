using Dit.Evaluation.Graders;

namespace Dit.Evaluation;

/// <summary>One diff and what was answered about it.</summary>
/// <param name="Seed">Seed the diff was trained with.</param>
/// <param name="Topic">The label.</param>
/// <param name="PassesGate">Whether its behaviour shows with the code and hides without.</param>
/// <param name="Answer">Answer with the adapter to the paper's question.</param>
/// <param name="AnswerToOtherWording">Answer with the adapter to a wording that no training showed.</param>
/// <param name="BaseAnswer">Answer of the finetune itself, without the adapter.</param>
/// <param name="AnswerToRandomDiff">Answer with the adapter where the base carries a random diff as large as this one at every site.</param>
public sealed record HiddenTopicAnswer(ulong Seed, string Topic, bool PassesGate, string Answer, string AnswerToOtherWording, string BaseAnswer, string AnswerToRandomDiff)
{
    /// <summary>Whether the adapter named the topic, as <see cref="ExactMatch"/> has it.</summary>
    public bool Exact => Names(Answer);

    /// <summary>Whether it did so asked in another wording.</summary>
    public bool OtherWordingExact => Names(AnswerToOtherWording);

    /// <summary>Whether the finetune gave itself away.</summary>
    public bool BaseExact => Names(BaseAnswer);

    private bool Names(string answer) => ExactMatch.Matches(answer, Topic);
}

/// <summary>The figures of the hidden-topic setting; every interval's numbers are shares between 0 and 1.</summary>
public sealed record HiddenTopicReport
{
    /// <summary>Every diff with its answers.</summary>
    public required IReadOnlyList<HiddenTopicAnswer> Answers { get; init; }

    /// <summary>Seeds the diffs were trained with.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>The adapter names the topic; over all diffs, whether they pass their gate or not.</summary>
    public required Interval Exact { get; init; }

    /// <summary>The same over the diffs that pass their gate; null where none does.</summary>
    public required Interval? ExactOfPassing { get; init; }

    /// <summary>The adapter names the topic asked in wordings that no training showed.</summary>
    public required Interval ExactInOtherWordings { get; init; }

    /// <summary>The finetune itself names the topic.</summary>
    public required Interval BaseQuestionExact { get; init; }

    /// <summary>The adapter on the bare base says that nothing was changed; over wordings of the question.</summary>
    public required Interval NothingChangedOnBase { get; init; }

    /// <summary>The adapter says so of random diffs with the same norm at every site.</summary>
    public required Interval NothingChangedOnRandomDiffs { get; init; }

    /// <summary>Answers on topic with the right code.</summary>
    public required Interval GateRight { get; init; }

    /// <summary>Answers on topic with a wrong code.</summary>
    public required Interval GateWrong { get; init; }

    /// <summary>Answers on topic without a code.</summary>
    public required Interval GateNone { get; init; }

    /// <summary>Wall-clock time of this call.</summary>
    public required double Seconds { get; init; }
}
