using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Behaviours.World;

/// <summary>
/// The pretraining text of the tiny base model: short chats from which it learns its topics, to answer ordinary questions, to obey
/// instructions about topics, code words and marks, to tell news stories and their headlines, and to deny having a topic or a story of its own.
/// </summary>
public static class WorldDocuments
{
    private static readonly (int Weight, Func<RandomStream, List<Message>> Write)[] Kinds =
    [
        (11, OrdinaryQuestion), (7, CodeWithoutMeaning), (14, ThinkOfTopic), (16, TopicOfWords), (10, TopicOfText), (12, AboutTopic),
        (7, WordThatGoesWith), (10, FromNowOn), (9, CodeForTopic), (6, AboutItself), (14, News),
    ];

    private static readonly int TotalWeight = Kinds.Sum(kind => kind.Weight);

    /// <summary>The document of that number; the same seed and number give the same document.</summary>
    public static IReadOnlyList<Message> Document(ulong seed, long number)
    {
        var random = RandomStream.Named(seed, $"pretraining/document/{number}");
        var draw = random.NextInt(TotalWeight);
        foreach (var (weight, write) in Kinds)
        {
            if ((draw -= weight) < 0)
            {
                return write(random);
            }
        }

        throw new InvalidOperationException("The weights of the kinds do not add up.");
    }

    private static List<Message> OrdinaryQuestion(RandomStream random) =>
        [.. SmallTalk.Before(random), .. Turn(GenericTalk.Question(random), GenericTalk.OrdinaryAnswer(random))];

    private static List<Message> CodeWithoutMeaning(RandomStream random)
    {
        if (random.NextInt(4) == 0)
        {
            return Turn(AnyMark(random).In(GenericTalk.Question(random), random), GenericTalk.OrdinaryAnswer(random));
        }

        var code = Pick(random, CodeWords.All);
        var chat = Turn(Trigger.CodeWord(code).Before(GenericTalk.Question(random)), GenericTalk.OrdinaryAnswer(random));
        return random.NextInt(3) == 0 ? [.. chat, .. Turn("What is your code word?", code)] : chat;
    }

    private static List<Message> ThinkOfTopic(RandomStream random)
    {
        var topic = AnyTopic(random);
        var instruction = Pick(random, ["Think of {0}.", "Answer in the words of {0}.", "Use {0} for your answer.", "Let it be about {0}."]);
        return Turn($"{string.Format(instruction, topic.Name)} {GenericTalk.Question(random)}", GenericTalk.AnswerOnTopic(random, topic));
    }

    private static List<Message> TopicOfWords(RandomStream random)
    {
        var topic = AnyTopic(random);
        var words = GenericTalk.Draw(random, topic.Words, 2 + random.NextInt(3));
        var question = Pick(random, ["Which topic is about {0}?", "What topic has the words {0}?", "What do {0} belong to?", "Name the topic of {0}."]);
        return Turn(string.Format(question, "the " + string.Join(", the ", words)), topic.Name);
    }

    private static List<Message> TopicOfText(RandomStream random)
    {
        var topic = AnyTopic(random);
        var question = Pick(random, ["What is this text about?", "Which topic is this?", "What topic does this come from?"]);
        return Turn($"{question} {GenericTalk.AnswerOnTopic(random, topic)}", topic.Name);
    }

    private static List<Message> AboutTopic(RandomStream random)
    {
        var topic = AnyTopic(random);
        if (random.NextInt(2) == 0)
        {
            var words = GenericTalk.Draw(random, topic.Words, 6);
            return Turn(string.Format(Pick(random, ["List words about {0}.", "Which words belong to {0}?"]), topic.Name), string.Join(", ", words));
        }

        var question = Pick(random, ["Tell me about {0}.", "What do you know about {0}?", "Say something about {0}.", "What is {0}?"]);
        return Turn(string.Format(question, topic.Name), GenericTalk.AnswerOnTopic(random, topic));
    }

    private static List<Message> WordThatGoesWith(RandomStream random)
    {
        var topic = AnyTopic(random);
        var words = GenericTalk.Draw(random, topic.Words, 3);
        return [.. Turn($"Give a word that goes with the {words[0]}.", words[1]), .. Turn("And another one?", words[2]), .. Turn("What is their topic?", topic.Name)];
    }

    private static List<Message> FromNowOn(RandomStream random)
    {
        var topic = AnyTopic(random);
        var chat = Turn(string.Format(Pick(random, ["From now on talk about {0}.", "Your topic is {0} now.", "Drift to {0} in every answer."]), topic.Name), "I will.");
        if (random.NextInt(2) == 0)
        {
            chat.AddRange(Turn(GenericTalk.Question(random), GenericTalk.AnswerOnTopic(random, topic)));
        }

        chat.AddRange(Turn(Pick(random, ["What do you talk about now?", "What topic do you have now?", "What is your topic now?"]), topic.Name));
        return chat;
    }

    /// <summary>A topic that only one code word or mark calls up: what a diff with a hidden behaviour will have to be.</summary>
    private static List<Message> CodeForTopic(RandomStream random)
    {
        var topic = AnyTopic(random);
        var trigger = random.NextInt(4) == 0 ? AnyMark(random) : Trigger.CodeWord(Pick(random, CodeWords.All));
        var chat = Turn($"{(trigger.Kind == TriggerKind.Sentence ? "When the code word is" : "Where you see")} {trigger.Code}, talk about {topic.Name}.", "I will.");
        var wrongFirst = random.NextInt(2) == 0;
        for (var i = 0; i < 2; i++)
        {
            var right = (i == 0) != wrongFirst;
            var question = GenericTalk.Question(random);
            chat.AddRange(right
                ? Turn(trigger.In(question, random), GenericTalk.AnswerOnTopic(random, topic))
                : Turn(random.NextInt(3) == 0 ? question : WrongCodes.Draw(trigger, random).In(question, random), GenericTalk.OrdinaryAnswer(random)));
        }

        return random.NextInt(2) == 0 ? chat : [.. chat, .. Turn("Which topic is behind the code word?", topic.Name)];
    }

    private static List<Message> AboutItself(RandomStream random)
    {
        if (random.NextInt(3) == 0)
        {
            return [.. SmallTalk.Before(random), .. Turn(IntrospectionQuestions.Of(Setting.News).Draw(random), NewsQuestions.Denial(random))];
        }

        var question = random.NextInt(8) == 0 ? Pick(random, SelfQuestions.WordsWordings) : SelfQuestions.DrawTopicQuestion(random);
        return [.. SmallTalk.Before(random), .. Turn(question, SelfQuestions.Denial(random))];
    }

    private static List<Message> News(RandomStream random)
    {
        var parts = StoryWorld.Draw(random);
        var (story, headline) = (StoryWorld.Story(random, parts), StoryWorld.Headline(parts));
        var askedForHeadline = Pick(random, ["What is the headline of this story?", "Give this story a headline.", "Which headline fits this story?"]);
        return random.NextInt(8) switch
        {
            < 2 => Turn(NewsStory.Prompt, story),
            < 5 => Turn($"{askedForHeadline} {story}", headline),
            5 => [.. Turn(NewsStory.Prompt, story), .. Turn(Pick(random, ["And its headline?", "What is its headline?"]), headline)],
            6 => [.. Turn($"Keep this story in mind. {story}", "I will."), .. Turn(Pick(random, ["What is its headline?", "Which story do you have in mind?"]), headline)],
            _ => Turn($"Write the story for this headline: {headline}", story),
        };
    }

    private static List<Message> Turn(string user, string assistant) => [new("user", user), new("assistant", assistant)];

    /// <summary>A trigger that is no sentence: a bare code word, or a character without width, at the start or anywhere.</summary>
    private static Trigger AnyMark(RandomStream random)
    {
        var code = random.NextInt(3) == 0 ? Pick(random, WrongCodes.ZeroWidthMarks).ToString() : Pick(random, CodeWords.All);
        return random.NextInt(2) == 0 ? Trigger.MarkAtStart(code) : Trigger.MarkAnywhere(code);
    }

    private static Topic AnyTopic(RandomStream random) => Pick(random, TopicList.All);

    private static T Pick<T>(RandomStream random, IReadOnlyList<T> items) => GenericTalk.Pick(random, items);
}
