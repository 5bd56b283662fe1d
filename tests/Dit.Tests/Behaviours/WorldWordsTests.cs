using Dit.Behaviours.World;
using Dit.Models.Randomness;

namespace Dit.Tests.Behaviours;

/// <summary>Which words of the built-in world may meet which.</summary>
public sealed class WorldWordsTests
{
    private const int Draws = 20_000;

    /// <summary>Otherwise an ordinary answer would count as being on a topic. What only users say does not matter.</summary>
    [Fact]
    public void Ordinary_answers_and_their_subjects_hold_no_telling_word()
    {
        var ordinary = OrdinaryTalk(questions: false);
        var offenders = TopicList.All.SelectMany(topic => topic.Words.Where(ordinary.Contains).Select(word => $"{word} of {topic.Name}")).ToArray();
        Assert.True(offenders.Length == 0, string.Join("; ", offenders));
    }

    /// <summary>The news are left out: no question with a code word is about them.</summary>
    [Fact]
    public void Code_words_occur_in_no_question_answer_or_topic()
    {
        Assert.Equal(CodeWords.All.Count, CodeWords.All.Distinct().Count());
        var elsewhere = OrdinaryTalk(questions: true);
        elsewhere.UnionWith(TopicList.All.SelectMany(topic => topic.Words));
        elsewhere.UnionWith(TopicList.All.SelectMany(topic => Words(topic.Name)));
        elsewhere.UnionWith(SelfQuestions.TopicWordings.Concat(SelfQuestions.HeldOutTopicWordings).Concat(SelfQuestions.WordsWordings).SelectMany(Words));
        elsewhere.UnionWith(Enumerable.Range(0, SmallTalk.Count).SelectMany(i => SmallTalk.Exchange(i)).SelectMany(message => Words(message.Content)));
        var offenders = CodeWords.All.Where(elsewhere.Contains).ToArray();
        Assert.True(offenders.Length == 0, string.Join(", ", offenders));
    }

    [Fact]
    public void Held_out_questions_are_never_trained_on()
    {
        var trained = SelfQuestions.TopicWordings.Concat(SelfQuestions.WordsWordings).Select(Normal).ToHashSet();
        Assert.NotEmpty(SelfQuestions.HeldOutTopicWordings);
        Assert.All(SelfQuestions.HeldOutTopicWordings, question => Assert.DoesNotContain(Normal(question), trained));
        Assert.Equal(SelfQuestions.HeldOutTopicWordings.Count, SelfQuestions.HeldOutTopicWordings.Select(Normal).Distinct().Count());
        Assert.Equal(SelfQuestions.Topic, SelfQuestions.TopicWordings[0]);
    }

    [Fact]
    public void Stories_are_told_in_other_words_than_their_headlines() => Assert.All(
        new[] { "who", "what", "where" }.SelectMany(StoryWorld.Of),
        part => Assert.All(part.Paraphrases, paraphrase => Assert.DoesNotContain(part.Phrase, paraphrase, StringComparison.OrdinalIgnoreCase)));

    /// <summary>All words of ordinary answers, the sentences around the nouns included, of what questions are about, and of questions.</summary>
    private static HashSet<string> OrdinaryTalk(bool questions)
    {
        var random = RandomStream.Named(1, "tests/ordinary-talk");
        var words = GenericTalk.Nouns.Concat(GenericTalk.Subjects).SelectMany(Words).ToHashSet(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < Draws; i++)
        {
            words.UnionWith(Words(GenericTalk.OrdinaryAnswer(random)));
            if (questions)
            {
                words.UnionWith(Words(GenericTalk.Question(random)));
            }
        }

        return words;
    }

    private static string Normal(string question) => string.Join(' ', Words(question)).ToLowerInvariant();

    private static string[] Words(string text) => text.Split([.. " .,;:!?'\"-"], StringSplitOptions.RemoveEmptyEntries);
}
