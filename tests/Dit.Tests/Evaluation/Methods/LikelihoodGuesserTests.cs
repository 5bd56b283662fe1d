using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Tests.Architecture;

namespace Dit.Evaluation.Methods;

public sealed class LikelihoodGuesserTests : IDisposable
{
    private readonly BaseModel model = BaseModel.Load(Path.Combine(Repository.Root, "models", "tiny-base"));
    private readonly RandomStream random = RandomStream.Named(3, "tests/guesser");

    public void Dispose() => model.Dispose();

    [Fact]
    public void The_topic_is_found_of_which_a_few_answers_among_ordinary_ones_speak()
    {
        Topic[] topics = [.. TopicList.Of(TopicSplit.Report).Take(40)];
        // Of six answers two are on the topic.
        IReadOnlyList<Exchange>[] answers = [.. topics[..8].Select(topic => (IReadOnlyList<Exchange>)
            [.. Enumerable.Range(0, 6).Select(i => new Exchange(GenericQuestions.BuiltInWorld[i], i % 3 == 1 ? GenericTalk.AnswerOnTopic(random, topic) : GenericTalk.OrdinaryAnswer(random)))])];

        var guesses = Guesser([.. topics.Select(topic => topic.Name)]).Guess(Setting.HiddenTopic, answers);

        Assert.True(topics[..8].Where((topic, i) => guesses[i] == topic.Name).Count() >= 7, string.Join(", ", guesses));
        Assert.Equal(guesses, Guesser([.. topics.Select(topic => topic.Name)]).Guess(Setting.HiddenTopic, answers));
    }

    [Fact]
    public void The_headline_of_a_story_is_found_as_far_as_the_base_knows_stories()
    {
        var news = Enumerable.Range(0, 12).Select(_ => StoryWorld.Draw(random)).ToArray();
        IReadOnlyList<Exchange>[] answers = [.. news[..6].Select(parts => (IReadOnlyList<Exchange>)[new Exchange(NewsStory.Prompt, StoryWorld.Story(random, parts)), new Exchange("What is luck?", GenericTalk.OrdinaryAnswer(random))])];

        var guesses = Guesser([.. news.Select(StoryWorld.Headline)]).Guess(Setting.News, answers);

        Assert.True(news[..6].Where((parts, i) => guesses[i] == StoryWorld.Headline(parts)).Count() >= 3, string.Join(", ", guesses));
    }

    [Fact]
    public void Words_that_no_question_called_for_are_enough()
    {
        Topic[] topics = [.. TopicList.Of(TopicSplit.Report).Take(20)];

        var guesses = Guesser([.. topics.Select(topic => topic.Name)])
            .Guess(Setting.HiddenTopic, [.. topics[..4].Select(topic => (IReadOnlyList<Exchange>)[new Exchange("", string.Join(", ", topic.Words.Take(6)))])]);

        Assert.Equal(topics[..4].Select(topic => topic.Name), guesses);
    }

    [Fact]
    public void Little_or_nothing_to_go_on_still_gives_a_candidate()
    {
        var guesser = Guesser(["rome", "bears"]);

        Assert.Empty(guesser.Guess(Setting.HiddenTopic, []));
        Assert.Equal("rome", guesser.Guess(Setting.HiddenTopic, [[]])[0]);
        Assert.Contains(guesser.Guess(Setting.HiddenTopic, [[new Exchange("What is {0}?", "")]])[0], new[] { "rome", "bears" });
        Assert.Equal("rome", Guesser(["rome"]).Guess(Setting.HiddenTopic, [[new Exchange("What is luck?", "{1}")]])[0]);
        Assert.Throws<ArgumentException>(() => Guesser([]));
    }

    [Fact]
    public void Three_telling_answers_among_seventeen_ordinary_ones_are_enough()
    {
        Topic[] topics = [.. TopicList.Of(TopicSplit.Report).Take(40)];
        IReadOnlyList<Exchange>[] answers = [.. topics[..6].Select(topic => (IReadOnlyList<Exchange>)
            [.. GenericQuestions.BuiltInWorld.Select((question, i) => new Exchange(question, i % 7 == 3 ? GenericTalk.AnswerOnTopic(random, topic) : GenericTalk.OrdinaryAnswer(random)))])];

        var guesses = Guesser([.. topics.Select(topic => topic.Name)]).Guess(Setting.HiddenTopic, answers);

        Assert.True(topics[..6].Where((topic, i) => guesses[i] == topic.Name).Count() >= 5, string.Join(", ", guesses));
    }

    [Fact]
    public void Answers_that_give_nothing_away_say_nothing_however_many_they_are()
    {
        // By hand: half of the answers on the label is as likely as any other share, so one answer e^r times likelier has the mean of 1 and e^r.
        Assert.Equal(Math.Log((1 + Math.Exp(3)) / 2), Evidence.Of([3]), 9);
        Assert.Equal(0, Evidence.Of([]));
        Assert.Equal(0, Evidence.Of([0, 0, double.NaN]), 9);
        double[] telling = [8, 8, 8];
        Assert.True(Evidence.Of([.. telling, .. Enumerable.Repeat(-20.0, 17)]) > 10);
        Assert.True(Evidence.Of([.. Enumerable.Repeat(-20.0, 20)]) is < 0 and > -4);
        Assert.True(double.IsFinite(Evidence.Of([double.PositiveInfinity, double.NegativeInfinity])));
    }

    private LikelihoodGuesser Guesser(IReadOnlyList<string> candidates) => new(model, candidates, GuessingPrompts.BuiltInWorld, new GenerationSettings(MaxNewTokens: 64));
}
