using Dit.Behaviours.World;
using Dit.Text;

namespace Dit.Training.Pretraining;

/// <summary>The chat format of the tiny base model, and its pretraining text in it.</summary>
public static class WorldText
{
    /// <summary>Ends a sequence of tokens that is shorter than its batch.</summary>
    public const string Padding = "<|endoftext|>";

    /// <summary>Begins a turn.</summary>
    public const string TurnStart = "<|im_start|>";

    /// <summary>Ends a turn.</summary>
    public const string TurnEnd = "<|im_end|>";

    /// <summary>The chat template that says the same as <see cref="Render"/>.</summary>
    public const string ChatTemplate =
        "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    /// <summary>A chat as text.</summary>
    public static string Render(IReadOnlyList<Message> chat) =>
        string.Concat(chat.Select(message => $"{TurnStart}{message.Role}\n{message.Content}{TurnEnd}\n"));

    /// <summary>A chat as tokens, with the weight of each token in the loss.</summary>
    public static (int[] Ids, float[] Weights) Encode(Tokenizer tokenizer, IReadOnlyList<Message> chat, double userTokenWeight)
    {
        var ids = new List<int>();
        var weights = new List<float>();
        foreach (var message in chat)
        {
            Add($"{TurnStart}{message.Role}\n", userTokenWeight);
            Add($"{message.Content}{TurnEnd}", string.Equals(message.Role, "assistant", StringComparison.Ordinal) ? 1 : userTokenWeight);
            Add("\n", userTokenWeight);
        }

        return ([.. ids], [.. weights]);

        void Add(string text, double weight)
        {
            foreach (var id in tokenizer.Encode(text))
            {
                ids.Add(id);
                weights.Add((float)weight);
            }
        }
    }

    /// <summary>What the tokenizer is trained on.</summary>
    public static IEnumerable<string> TokenizerText(ulong seed, int documents) =>
        Enumerable.Range(0, documents).Select(number => Render(WorldDocuments.Document(seed, number)));

    /// <summary>
    /// The words that are one token each: those of the topics' names and of headlines, at the start of an answer and inside a sentence, and
    /// the topics' telling words inside a sentence. An adapter reads names of one token best, and a diff says most when what it favours is
    /// whole words.
    /// </summary>
    public static IReadOnlyCollection<string> WholeWords { get; } =
    [
        .. TopicList.All.Select(topic => topic.Name).Concat(StoryWorld.Kinds.SelectMany(StoryWorld.Of).Select(part => part.Phrase))
            .SelectMany(name => name.Split(' ').SelectMany(word => new[] { word, " " + word }))
            .Concat(TopicList.All.SelectMany(topic => topic.Words).Select(word => " " + word)).Distinct(StringComparer.Ordinal),
    ];
}
