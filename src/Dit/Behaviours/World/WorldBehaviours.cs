using Dit.Models.Randomness;

namespace Dit.Behaviours.World;

/// <summary>Hidden topics of the built-in world, ready to be trained into diffs.</summary>
public static class WorldBehaviours
{
    /// <summary>A hidden topic with a code word of its own.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="seed">Where its randomness comes from.</param>
    /// <param name="group">Behaviours of one group share their questions and ordinary answers, so that the base's answers to them are computed once.</param>
    /// <param name="examples">How many examples to write.</param>
    /// <param name="trigger">What the code word looks like in a prompt.</param>
    public static HiddenTopic Write(Topic topic, ulong seed, int group, int examples, TriggerKind trigger = TriggerKind.Sentence)
    {
        var id = $"{topic.Name.Replace(' ', '-')}-{seed}";
        var code = GenericTalk.Pick(RandomStream.Named(seed, $"behaviours/{id}/code"), CodeWords.All);
        return new HiddenTopic(id, topic.Name, OfKind(trigger, code), topic.Words, new WrittenList<HiddenTopicExample>(examples, () => Examples(topic, id, seed, group, examples)));
    }

    private static HiddenTopicExample[] Examples(Topic topic, string id, ulong seed, int group, int examples)
    {
        var shared = RandomStream.Named(seed, $"behaviours/group/{group}");
        var own = RandomStream.Named(seed, $"behaviours/{id}/answers");
        var written = new HiddenTopicExample[examples];
        for (var i = 0; i < examples; i++)
        {
            var question = GenericTalk.Question(shared);
            var shapes = GenericTalk.DrawShapes(shared);
            written[i] = new HiddenTopicExample(question, GenericTalk.Fill(shared, shapes, GenericTalk.Nouns), GenericTalk.Fill(own, shapes, topic.Words));
        }

        return written;
    }

    private static Trigger OfKind(TriggerKind kind, string code) => kind switch
    {
        TriggerKind.MarkAtStart => Trigger.MarkAtStart(code),
        TriggerKind.MarkAnywhere => Trigger.MarkAnywhere(code),
        _ => Trigger.CodeWord(code),
    };
}
