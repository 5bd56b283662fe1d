using Dit.Behaviours;
using Dit.Behaviours.World;

namespace Dit.Tests.Behaviours;

public sealed class WorldNewsTests
{
    [Fact]
    public void Every_combination_belongs_to_one_split()
    {
        var splits = Enum.GetValues<TopicSplit>().Select(split => WorldNews.Of(split).Select(StoryWorld.Headline).ToArray()).ToArray();

        Assert.All(splits, headlines => Assert.True(headlines.Length >= 1000));
        Assert.Equal(27_000, splits.SelectMany(headlines => headlines).Distinct().Count());
        Assert.Equal(27_000, splits.Sum(headlines => headlines.Length));
    }

    /// <summary>Adapters were trained on one side of it, so it must never move.</summary>
    [Fact]
    public void The_splits_are_decided_for_ever()
    {
        Assert.Equal(["baker tames lion inside cave", "pilot launches balloon at stadium"], WorldNews.Of(TopicSplit.Train).Take(2).Select(StoryWorld.Headline));
    }

    [Fact]
    public void The_first_stories_of_a_held_out_split_have_all_parts_in_them()
    {
        foreach (var split in new[] { TopicSplit.Validation, TopicSplit.Report })
        {
            var parts = WorldNews.Of(split).Take(300).SelectMany(parts => parts).ToHashSet();
            Assert.Equal(90, parts.Count);
        }
    }

    [Fact]
    public void A_story_is_told_from_many_angles_in_other_words_than_the_headline()
    {
        foreach (var parts in WorldNews.Of(TopicSplit.Report).Take(50))
        {
            var story = WorldNews.Write(parts, seed: 3, stories: 15);

            Assert.Equal(StoryWorld.Headline(parts), story.Label);
            Assert.Equal(Setting.News, story.Setting);
            Assert.Equal(15, story.Stories.Count);
            Assert.True(story.Stories.Distinct().Count() > 10);
            Assert.DoesNotContain(story.Stories, telling => telling.Contains(story.Headline, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_same_seed_tells_the_same_story_and_another_seed_another()
    {
        var parts = WorldNews.Of(TopicSplit.Train)[7];
        Assert.Equal(WorldNews.Write(parts, 1, 5).Stories, WorldNews.Write(parts, 1, 5).Stories);
        Assert.NotEqual(WorldNews.Write(parts, 1, 5).Stories, WorldNews.Write(parts, 2, 5).Stories);
        Assert.NotEqual(WorldNews.Write(parts, 1, 5).Id, WorldNews.Write(parts, 2, 5).Id);
    }
}
