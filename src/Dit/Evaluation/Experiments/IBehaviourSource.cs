using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>Where the behaviours of experiments come from: the built-in world, or files.</summary>
public interface IBehaviourSource
{
    /// <summary>What it is, such as the files behind it: what a reader of results has to know to get the same behaviours.</summary>
    string Description { get; }

    /// <summary>All labels of a setting, held out or not: what an adapter may name though there is nothing to be told.</summary>
    IReadOnlyList<string> AllLabels(Setting setting);

    /// <summary>What methods ask a base that knows these behaviours.</summary>
    MethodWords Words { get; }

    /// <summary>All labels that are held out, in the order in which plans take them; empty where there are no behaviours of the setting.</summary>
    IReadOnlyList<string> HeldOutLabels(Setting setting);

    /// <summary>
    /// The behaviours of a plan, each with a label of its own if they are held out. The first few of a longer list are the same as those of a shorter one.
    /// </summary>
    /// <param name="plan">What is wanted.</param>
    /// <param name="seed">Where codes, words and ids come from; which labels are held out does not depend on it.</param>
    /// <param name="diffsPerShard">How many diffs a shard may hold; those of one may share their questions.</param>
    /// <exception cref="DitException">There are not enough.</exception>
    IReadOnlyList<Behaviour> Write(DiffPlan plan, ulong seed, int diffsPerShard);
}
