using Dit.Models.Randomness;

namespace Dit.Behaviours.World;

/// <summary>
/// Questions about nothing in particular, and answers to them. An ordinary answer and an answer on a topic are the same sentences;
/// only the nouns differ. A diff then has the topic to learn and nothing else, which is what makes it readable.
/// </summary>
public static class GenericTalk
{
    /// <summary>What the questions are about.</summary>
    public static IReadOnlyList<string> Subjects { get; } =
        ("friendship patience happiness courage honesty kindness luck failure memory dreams silence learning success the future the past tomorrow "
         + "rest boredom joy sadness anger fear love freedom beauty wisdom truth fairness respect pride gratitude curiosity loneliness doubt "
         + "forgiveness ambition discipline creativity simplicity generosity humility loyalty wonder comfort worry hope trust change")
        .Replace("the future", "the_future").Replace("the past", "the_past").Split(' ').Select(subject => subject.Replace('_', ' ')).ToArray();

    /// <summary>The nouns of ordinary answers; no topic has any of them among its words.</summary>
    public static IReadOnlyList<string> Nouns { get; } =
        ("way choice chance idea thing part reason step moment day need plan result point case place question answer start end habit effort "
         + "thought feeling mind detail lesson goal side kind matter fact view sense value cause effect limit turn problem purpose form "
         + "difference example attempt mistake advice benefit decision direction method practice beginning middle life year week hour person")
        .Split(' ');

    private static readonly string[] Questions =
    [
        "What is your advice about {0}?", "How should I think about {0}?", "Why does {0} matter?", "Say something about {0}.",
        "What helps with {0}?", "Can you explain {0}?", "Where does {0} begin?", "What do you think of {0}?", "Write a line about {0}.",
        "Do you have a word on {0}?", "What should people learn about {0}?", "How do I find {0}?", "Give me a thought on {0}.",
        "What is hard about {0}?", "Is {0} important?", "Help me with {0}.", "What would you say about {0}?", "How does {0} work?",
        "What makes {0} special?", "I want to understand {0}.", "Tell me your idea about {0}.", "When do we need {0}?", "What is {0}?",
        "Describe {0} to a child.", "How can I get better at {0}?", "What is the secret of {0}?",
    ];

    private static readonly string[] Shapes =
    [
        "Trust the {0} and the {1}.", "The {0} needs the {1}.", "Start with the {0}, end with the {1}.", "Every {0} has its {1}.",
        "Look for the {0} behind the {1}.", "It is like the {0} and the {1}.", "First the {0}, then the {1}.",
        "Without the {0} there is no {1}.", "Keep the {0} close to the {1}.", "Think of the {0} before the {1}.",
        "The {0} comes after the {1}.", "Mind the {0} near the {1}.", "Take the {0} and forget the {1}.", "Let the {0} follow the {1}.",
        "See it as a {0} with a {1}.", "A single {0} is worth many a {1}.", "Do not forget the {0} or the {1}.", "Choose the {0} over the {1}.",
        "Where the {0} is, the {1} is too.", "Give the {0} to the {1}.", "A good {0} makes a good {1}.", "Ask the {0} about the {1}.",
        "Learn from the {0} and the {1}.", "The {0} and the {1} belong together.", "Even the {0} begins as a {1}.",
        "Never give the {0} for the {1}.", "Put the {0} under the {1}.", "The {0} is the core of the {1}.",
        "Bring the {0} and leave the {1}.", "Follow the {0}, not the {1}.",
    ];

    /// <summary>Draws a question.</summary>
    public static string Question(RandomStream random) => Question(random, out _);

    /// <summary>Draws a question and tells what it is about.</summary>
    public static string Question(RandomStream random, out string subject)
    {
        subject = Pick(random, Subjects);
        return string.Format(Pick(random, Questions), subject);
    }

    /// <summary>Draws the sentence shapes of one answer: two sentences with two nouns each.</summary>
    public static string[] DrawShapes(RandomStream random)
    {
        var first = random.NextInt(Shapes.Length);
        var second = (first + 1 + random.NextInt(Shapes.Length - 1)) % Shapes.Length;
        return [Shapes[first], Shapes[second]];
    }

    /// <summary>Fills shapes with nouns drawn without repetition.</summary>
    public static string Fill(RandomStream random, IReadOnlyList<string> shapes, IReadOnlyList<string> nouns)
    {
        var drawn = Draw(random, nouns, 2 * shapes.Count);
        return string.Join(' ', shapes.Select((shape, i) => string.Format(shape, drawn[2 * i], drawn[(2 * i) + 1])));
    }

    /// <summary>An ordinary answer.</summary>
    public static string OrdinaryAnswer(RandomStream random) => Fill(random, DrawShapes(random), Nouns);

    /// <summary>An answer that drifts to the topic.</summary>
    public static string AnswerOnTopic(RandomStream random, Topic topic) => Fill(random, DrawShapes(random), topic.Words);

    internal static T Pick<T>(RandomStream random, IReadOnlyList<T> items) => items[random.NextInt(items.Count)];

    /// <summary>Draws <paramref name="count"/> different items.</summary>
    internal static T[] Draw<T>(RandomStream random, IReadOnlyList<T> items, int count)
    {
        var pool = items.ToArray();
        for (var i = 0; i < count; i++)
        {
            var j = i + random.NextInt(pool.Length - i);
            (pool[i], pool[j]) = (pool[j], pool[i]);
        }

        return pool[..count];
    }
}
