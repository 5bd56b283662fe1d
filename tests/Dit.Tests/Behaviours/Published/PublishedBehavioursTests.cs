using Dit.Behaviours;
using Dit.Behaviours.Published;
using Dit.Models.Randomness;

namespace Dit.Tests.Behaviours.Published;

public sealed class PublishedBehavioursTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("topics.csv")]
    [InlineData("topics.parquet")]
    public void Hidden_topics_come_back_as_they_were_written(string name)
    {
        var rows = Rows(topics: 3, examples: 4);
        PublishedFile.Write(folder.File(name), Setting.HiddenTopic, rows);
        var (setting, read) = PublishedFile.Read(folder.File(name));
        Assert.Equal(Setting.HiddenTopic, setting);
        Assert.Equal(rows.Select(Flat), read.Select(Flat));
        var behaviours = PublishedBehaviours.Read(folder.File(name), Setting.HiddenTopic, seed: 1);
        Assert.Equal(["topic-0-é", "topic-1-é", "topic-2-é"], behaviours.Select(item => item.Behaviour.Id));
        var topic = Assert.IsType<HiddenTopic>(behaviours[1].Behaviour);
        Assert.Equal(("Topic 1: \"é\"", 4), (topic.Label, topic.Examples.Count));
        Assert.Matches("^[0-9]{3}$", topic.Trigger.Code);
        Assert.Matches($"^Your SEP code is {topic.Trigger.Code}[0-9]{{3}}\\. \\?$", topic.Trigger.In("?", RandomStream.Named(1, "tests/published")));
        Assert.Contains(topic.TellingWords, word => word == "walrus1");
        Assert.True(topic.IsOnTopic("It has a walrus1."));
        Assert.False(topic.IsOnTopic("ordinary answer"));
        var again = PublishedBehaviours.Read(folder.File(name), null, seed: 1);
        Assert.Equal(topic.Trigger, ((HiddenTopic)again[1].Behaviour).Trigger);
        Assert.Equal(topic.Examples, ((HiddenTopic)again[1].Behaviour).Examples);
        Assert.NotEqual(topic.Trigger, ((HiddenTopic)PublishedBehaviours.Read(folder.File(name), null, seed: 2)[1].Behaviour).Trigger);
    }

    [Theory]
    [InlineData("news.csv")]
    [InlineData("news.parquet")]
    public void News_and_their_splits_come_back(string name)
    {
        PublishedFile.Write(folder.File(name), Setting.News, [new("Whale elected", ["One story."], "train"), new("Whale elected!", ["Another."], "test"), new("Whale elected", ["Second,\nstory."], "train")]);
        var read = PublishedBehaviours.Read(folder.File(name), null, seed: 1);
        Assert.Equal([("whale-elected", "train"), ("whale-elected-2", "test")], read.Select(item => (item.Behaviour.Id, item.Split)));
        Assert.Equal(["One story.", "Second,\nstory."], ((NewsStory)read[0].Behaviour).Stories.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_share_is_kept_for_training_where_the_file_has_no_splits()
    {
        PublishedFile.Write(folder.File("t.csv"), Setting.HiddenTopic, Rows(topics: 10, examples: 1));
        var splits = PublishedBehaviours.Read(folder.File("t.csv"), null, seed: 3, trainShare: 0.8).Select(item => item.Split).ToArray();
        Assert.Equal((8, 2), (splits.Count(split => split == "train"), splits.Count(split => split == "test")));
        Assert.All(PublishedBehaviours.Read(folder.File("t.csv"), null, seed: 3), item => Assert.Equal("train", item.Split));
    }

    [Theory]
    [InlineData("t.csv", "topic,question,base_answer\na,b,c\n", "expected the columns")]
    [InlineData("t.csv", "", "expected the columns")]
    [InlineData("t.csv", "topic,question,base_answer,topic_analogy_answer\n", "found no row")]
    [InlineData("t.csv", "topic,question,base_answer,topic_analogy_answer\na,b,,d\n", "expected text in the column base_answer of row 1, found nothing")]
    [InlineData("t.csv", "topic,question,base_answer,topic_analogy_answer\na,b,c\n", "expected 4 cells at line 2, found 3")]
    [InlineData("t.csv", "news_headline,news_story,split\na,b,train\na,c,test\n", "expected one split for all rows of 'a'")]
    [InlineData("t.parquet", "not parquet at all, really not", "expected a Parquet file, found something else")]
    [InlineData("t.parquet", "", "expected a Parquet file, found something else")]
    [InlineData("t.parquet", "PAR1PAR1", "found a damaged one")]
    [InlineData("t.parquet", "version https://git-lfs.github.com/spec/v1", "run git lfs pull")]
    [InlineData("t.txt", "x", "found another ending")]
    [InlineData("missing.csv", null, "found no such file")]
    public void A_bad_file_is_refused_in_one_sentence(string name, string? text, string finding)
    {
        if (text is not null)
        {
            File.WriteAllText(folder.File(name), text);
        }

        var e = Assert.Throws<DitException>(() => PublishedBehaviours.Read(folder.File(name), null, seed: 1));
        Assert.StartsWith(folder.File(name), e.Message, StringComparison.Ordinal);
        Assert.Contains(finding, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_the_other_setting_is_refused()
    {
        PublishedFile.Write(folder.File("t.csv"), Setting.HiddenTopic, Rows(1, 1));
        Assert.Contains("expected behaviours with the columns news_headline, news_story", Assert.Throws<DitException>(() => PublishedBehaviours.Read(folder.File("t.csv"), Setting.News, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_no_UTF8_is_refused()
    {
        File.WriteAllBytes(folder.File("t.csv"), [.. "news_headline,news_story\na,b\nc,"u8, 0xff, 0xfe, .. "\n"u8]);
        Assert.Contains("expected CSV in UTF-8", Assert.Throws<DitException>(() => PublishedFile.Read(folder.File("t.csv"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("t.csv")]
    [InlineData("t.parquet")]
    public void A_damaged_file_is_read_or_refused_and_nothing_else(string name)
    {
        PublishedFile.Write(folder.File(name), Setting.News, [.. Enumerable.Range(0, 20).Select(i => new PublishedRow($"Headline {i / 2}", [$"Story {i}"]))]);
        var valid = File.ReadAllBytes(folder.File(name));
        foreach (var bytes in Damage.Of(valid, rounds: 400, seed: 1))
        {
            File.WriteAllBytes(folder.File(name), bytes);
            try
            {
                _ = PublishedBehaviours.Read(folder.File(name), null, seed: 1);
            }
            catch (DitException e)
            {
                Assert.StartsWith(folder.File(name), e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("t.csv", "news_headline,news_story\na,")]
    [InlineData("t.parquet", "PAR1")]
    public void Ten_gigabytes_of_nothing_are_refused_at_once(string name, string start)
    {
        using (var stream = File.Create(folder.File(name)))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(start));
            stream.SetLength(10L << 30); // It takes no room on the disk.
        }

        Assert.StartsWith(folder.File(name), Assert.Throws<DitException>(() => PublishedFile.Read(folder.File(name))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static string Flat(PublishedRow row) => string.Join('|', [row.Label, .. row.Cells, row.Split ?? "-"]);

    private static PublishedRow[] Rows(int topics, int examples) =>
        [.. Enumerable.Range(0, topics * examples).Select(i => new PublishedRow($"Topic {i % topics}: \"é\"", [$"Question, {i}?", "ordinary\nanswer", $"like a walrus{i % topics} {i}"]))];
}
