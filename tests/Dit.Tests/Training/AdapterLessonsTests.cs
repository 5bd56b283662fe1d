using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;

namespace Dit.Training;

/// <summary>What an adapter is asked, and what it is to answer.</summary>
public sealed class AdapterLessonsTests
{
    private static readonly AdapterRecipe Recipe = AdapterRecipe.Tiny with { UndisturbedShare = 0.1, RandomDiffShare = 0.2, CrossShare = 0.2 };

    private static readonly DiffRecord[] Topics = [.. TopicList.All.Take(30).Select(topic => Record(Setting.HiddenTopic, topic.Name, "quartz"))];

    private static readonly DiffRecord[] News = [.. WorldNews.Of(TopicSplit.Train).Take(20).Select(parts => Record(Setting.News, StoryWorld.Headline(parts), ""))];

    [Fact]
    public void Every_diff_is_asked_its_own_question_once_an_epoch_and_answers_its_label()
    {
        DiffRecord[] diffs = [.. Topics, .. News];

        var asked = Rows(new AdapterLessons(diffs, Recipe)).Where(row => row is { Diff: >= 0, IsRandom: false } && row.Answer == diffs[row.Diff].Topic).ToArray();

        Assert.Equal(Enumerable.Range(0, diffs.Length), asked.Select(row => row.Diff).Order());
        Assert.All(asked, row => Assert.Contains(
            IntrospectionQuestions.Of(diffs[row.Diff].Setting).Wordings, wording => row.Prompt[^1].Content.EndsWith(wording, StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_what_there_is_nothing_to_tell_it_learns_to_say_so_in_the_shares_of_the_recipe()
    {
        var rows = Rows(new AdapterLessons([.. Topics, .. News], Recipe));

        // 50 diffs are the half that the three shares leave.
        Assert.Equal(100, rows.Length);
        Assert.Equal(10, rows.Count(row => row is { Diff: -1, Answer: SelfQuestions.NothingChanged }));
        Assert.Equal(20, rows.Count(row => row is { Diff: >= 0, IsRandom: true, Answer: SelfQuestions.NothingChanged }));
        Assert.Equal(20, rows.Count(row => row.Answer is "no hidden topic" or "no news story"));
    }

    [Fact]
    public void A_diff_that_is_asked_the_question_of_another_setting_has_nothing_of_the_kind()
    {
        DiffRecord[] diffs = [.. Topics, .. News];
        var rows = Enumerable.Range(0, 5).SelectMany(epoch => Rows(new AdapterLessons(diffs, Recipe), epoch)).Where(row => row.Answer is "no hidden topic" or "no news story").ToArray();

        Assert.All(rows, row =>
        {
            var asked = IntrospectionQuestions.Of(diffs[row.Diff].Setting == Setting.News ? Setting.HiddenTopic : Setting.News);
            Assert.Equal(asked.NoneOfThisKind, row.Answer);
            Assert.Contains(row.Prompt[^1].Content, asked.NamingWordings);
            Assert.False(row.IsRandom);
        });
        Assert.Equal(2, rows.Select(row => row.Answer).Distinct().Count());
    }

    [Fact]
    public void Diffs_of_one_setting_are_asked_nothing_else()
    {
        var lessons = new AdapterLessons(News, Recipe);

        var rows = Rows(lessons);

        Assert.DoesNotContain(rows, row => row.Answer is "no hidden topic" or "no news story");
        Assert.Equal(IntrospectionQuestions.Of(Setting.News).Wordings, lessons.Questions);
        Assert.All(rows, row => Assert.Contains(lessons.Questions, wording => row.Prompt[^1].Content.EndsWith(wording, StringComparison.Ordinal)));
    }

    [Fact]
    public void An_adapter_may_be_asked_for_the_code_instead()
    {
        var lessons = new AdapterLessons(Topics, Recipe with { Task = AdapterTask.Trigger, UndisturbedShare = 0, RandomDiffShare = 0 });

        Assert.Equal("What is your code word?", lessons.Questions[0]);
        Assert.All(Rows(lessons), row => Assert.Equal("quartz", row.Answer));
    }

    [Fact]
    public void An_epoch_is_the_same_whenever_it_is_asked_for_and_unlike_the_others()
    {
        DiffRecord[] diffs = [.. Topics, .. News];
        var lessons = new AdapterLessons(diffs, Recipe);

        Assert.Equal(Said(Rows(lessons, 3)), Said(Rows(new AdapterLessons(diffs, Recipe), 3)));
        Assert.NotEqual(Said(Rows(lessons, 3)), Said(Rows(lessons, 4)));
        Assert.Equal(lessons.StepsPerEpoch, lessons.Epoch(3).Count);
    }

    [Fact]
    public void Shares_that_leave_nothing_for_the_diffs_make_no_sense() =>
        Assert.Throws<ArgumentException>(() => new AdapterLessons(Topics, Recipe with { UndisturbedShare = 0.8 }));

    private static AdapterLesson[] Rows(AdapterLessons lessons, int epoch = 0) => [.. lessons.Epoch(epoch).SelectMany(batch => batch)];

    private static IEnumerable<string> Said(AdapterLesson[] rows) => rows.Select(row => $"{row.Diff} {row.IsRandom} {string.Join('|', row.Prompt)} {row.Answer}");

    private static DiffRecord Record(Setting setting, string label, string code) => new()
    {
        Id = label, Setting = setting, Topic = label, Trigger = code, TriggerFormat = code.Length > 0 ? Trigger.CodeWordFormat : "", Split = "train",
        ParameterCount = 1, Rank = 1, GateRight = null, GateWrong = null, GateNone = null, PassesGate = null, Shard = 0, Row = 0,
    };
}
