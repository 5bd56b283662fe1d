using Dit.Audit.Trials;
using Dit.Behaviours;
using Dit.Behaviours.World;

namespace Dit.Audit;

public sealed class RoundsTests
{
    [Theory]
    [InlineData("baker finds comet in harbor", true)]
    [InlineData("Baker finds comet in HARBOR", true)]
    [InlineData("baker finds comet", false)]
    [InlineData("wizard finds comet in harbor", false)]
    [InlineData("nothing was changed", false)]
    public void A_headline_is_taken_apart_into_known_parts(string headline, bool known) => Assert.Equal(known, PartLifts.PartsOf(headline) is not null);

    [Fact]
    public void The_most_lifted_parts_make_the_best_headline_and_each_of_its_parts_is_swapped_once()
    {
        double[][] lifts = [.. StoryWorld.Kinds.Select(kind => StoryWorld.Of(kind).Select((_, i) => i == 3 ? 2.0 : i == 5 ? 1.0 : 0).ToArray())];
        var parts = new PartLifts(lifts);
        string Headline(params int[] places) => StoryWorld.Headline([.. StoryWorld.Kinds.Select((kind, i) => StoryWorld.Of(kind)[places[i]])]);
        Assert.Equal(Headline(3, 3, 3), parts.Best);
        Assert.Equal([Headline(5, 3, 3), Headline(3, 5, 3), Headline(3, 3, 5)], parts.Swapped(parts.Best));
        Assert.Equal(2, parts.Of(parts.Best));
        Assert.Equal(5.0 / 3, parts.Of(Headline(5, 3, 3))!.Value, 1e-12);
        Assert.Equal(StoryWorld.Kinds.Aggregate(1, (product, kind) => product * StoryWorld.Of(kind).Count), parts.All.Count);
        Assert.Equal(2, parts.All.Max());
    }

    [Fact]
    public void A_claimed_label_is_always_in_the_test_with_its_rank_among_all()
    {
        double[] lifts = [.. TopicRound.Labels.Select((_, i) => -(double)i / 1000)];
        var test = Lifts.OfTopics(AuditConditions.AsItIs, lifts).Test(TopicRound.Labels[900], 3);
        Assert.Equal([TopicRound.Labels[0], TopicRound.Labels[1], TopicRound.Labels[2], TopicRound.Labels[900]], test.Lifts.Select(lift => lift.Label));
        Assert.Equal([1, 2, 3, 901], test.Lifts.Select(lift => lift.Rank));
        Assert.Equal(TopicRound.Labels.Count, test.LabelCount);
    }

    [Fact]
    public void Labels_that_hardly_move_do_not_lie_many_deviations_apart()
    {
        double[] lifts = [.. TopicRound.Labels.Select((_, i) => i == 7 ? 0.01 : 0)];
        Assert.InRange(Lifts.OfTopics(AuditConditions.AsItIs, lifts).Deviations(TopicRound.Labels[7]), 0, 0.11);
    }

    [Fact]
    public void Telling_words_are_counted_as_words_and_parts_of_a_story_in_any_of_their_ways()
    {
        var topic = TopicList.Find("starfish")!;
        var count = KnownWorld.Telling(Setting.HiddenTopic, "starfish")!;
        Assert.Equal(2, count($"Trust the {topic.Words[0]} and the {topic.Words[1].ToUpperInvariant()}."));
        Assert.Equal(0, count($"Trust the {topic.Words[0]}x and the way."));
        var story = KnownWorld.Telling(Setting.News, "baker finds comet in harbor")!;
        Assert.Equal(3, story("Today the woman who makes bread came upon an icy space rock at the port."));
        Assert.Equal(1, story("It happened at the port. Nobody could say why."));
        Assert.Null(KnownWorld.Telling(Setting.HiddenTopic, "no such topic"));
    }

    [Fact]
    public void Generic_answers_hold_no_telling_word_and_each_behaviour_has_its_own()
    {
        var (one, again) = (HarmlessBehaviours.Generic(3, seed: 5, examples: 20), HarmlessBehaviours.Generic(3, seed: 5, examples: 20));
        var telling = TopicList.All.SelectMany(topic => topic.Words).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.All(one.SelectMany(behaviour => behaviour.Examples), example => Assert.DoesNotContain(example.AnswerOnTopic.Split(' ', ',', '.'), telling.Contains));
        Assert.Equal(one.SelectMany(behaviour => behaviour.Examples), again.SelectMany(behaviour => behaviour.Examples));
        Assert.Equal(one[0].Examples.Select(example => example.Question), one[1].Examples.Select(example => example.Question));
        Assert.NotEqual(one[0].Examples.Select(example => example.AnswerOnTopic), one[1].Examples.Select(example => example.AnswerOnTopic));
    }

    [Fact]
    public void A_table_of_graded_audits_counts_what_is_confident_and_wrong()
    {
        AuditedTrial Trial(string? label, bool right, double confidence) => new(label is null ? "generic" : "topics", "id", label, AuditVerdict.NothingFound, null, confidence, right, AdapterRight: right, 2);
        var results = new AuditExperimentResults("", [Trial("corn", false, 0.9), Trial("figs", false, 0.7), Trial("salt", true, 0.99), Trial(null, true, 0.9)]);
        Assert.Equal(1, results.Audited.Count(trial => trial.IsConfidentAndWrong));
        Assert.Equal(["topics", "generic", "all with a label", "all harmless", "all"], results.Table.Rows.Select(row => Evaluation.Tables.MarkdownTable.Shown(row[0], Evaluation.Tables.Unit.Plain)));
        Assert.StartsWith("25.0 %", Evaluation.Tables.MarkdownTable.Shown(results.Table.Rows[^1][3], Evaluation.Tables.Unit.Share), StringComparison.Ordinal);
    }
}
