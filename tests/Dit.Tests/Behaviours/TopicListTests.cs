using Dit.Behaviours.World;

namespace Dit.Tests.Behaviours;

/// <summary>The rules of <c>topics.tsv</c>.</summary>
public sealed class TopicListTests
{
    [Fact]
    public void There_are_at_least_900_topics() => Assert.True(TopicList.All.Count >= 900);

    [Fact]
    public void Topics_are_held_out_as_promised()
    {
        Assert.Equal(100, TopicList.Of(TopicSplit.Report).Count);
        Assert.Equal(50, TopicList.Of(TopicSplit.Validation).Count);
    }

    [Fact]
    public void Names_are_one_to_three_lower_case_words() => Assert.All(TopicList.All, topic =>
    {
        Assert.InRange(topic.Name.Split(' ').Length, 1, 3);
        Assert.Matches("^[a-z]+( [a-z]+)*$", topic.Name);
    });

    [Fact]
    public void No_two_names_begin_with_the_same_word() =>
        AssertNone(TopicList.All.GroupBy(topic => topic.Name.Split(' ')[0]).Where(group => group.Count() > 1).Select(group => string.Join(", ", group.Select(topic => topic.Name))));

    [Fact]
    public void Topics_have_ten_to_fourteen_different_lower_case_words() => Assert.All(TopicList.All, topic =>
    {
        Assert.InRange(topic.Words.Count, 10, 14);
        Assert.Equal(topic.Words.Count, topic.Words.Distinct().Count());
        Assert.All(topic.Words, word => Assert.Matches("^[a-z]+$", word));
    });

    [Fact]
    public void No_word_tells_of_more_than_three_topics() =>
        AssertNone(TopicList.All.SelectMany(topic => topic.Words.Select(word => (word, topic.Name))).GroupBy(pair => pair.word)
            .Where(group => group.Count() > 3).Select(group => $"{group.Key}: {string.Join(", ", group.Select(pair => pair.Name))}"));

    [Fact]
    public void No_two_topics_share_more_than_three_words()
    {
        var words = TopicList.All.Select(topic => topic.Words.ToHashSet()).ToArray();
        for (var i = 0; i < words.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                Assert.True(words[i].Count(words[j].Contains) <= 3, $"{TopicList.All[j].Name} and {TopicList.All[i].Name} share too many words.");
            }
        }
    }

    [Fact]
    public void A_topic_is_found_whatever_its_case()
    {
        Assert.Equal(TopicList.All[0], TopicList.Find(TopicList.All[0].Name.ToUpperInvariant()));
        Assert.Null(TopicList.Find("no such topic"));
    }

    private static void AssertNone(IEnumerable<string> offenders) => Assert.True(!offenders.Any(), string.Join("; ", offenders.Take(10)));
}
