using System.Text.Json;
using Dit.Behaviours;
using Dit.Diffs;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;

namespace Dit.Evaluation.Methods;

public sealed class MethodTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    private static readonly string[] Questions = ["what is set", "do you drift"];
    private static readonly Openings Openings = new(Questions, ["drift to code", "set the word"]);
    private static readonly GenerationSettings Short = new(MaxNewTokens: 8);

    public static TheoryData<string> Names =>
        ["DIT", "base question", "base question + trigger", "20 questions", "20 questions + trigger", "generated story", "contrastive decoding", "logit difference", "amplified diff"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_method_interprets_every_diff_looks_at_no_label_and_at_triggers_only_where_its_name_says_so(string name)
    {
        using var diffs = Diffs();
        var method = Method(name, new Telling());

        var found = method.Interpret(Set(diffs, "first", "quartz"));

        Assert.Equal(name, method.Name);
        Assert.Equal(diffs.Count, found.Count);
        Assert.All(found, each => Assert.NotEmpty(each.Exchanges));
        Assert.Equal(Shown(found), Shown(method.Interpret(Set(diffs, "second", "quartz"))));
        var underAnother = Shown(method.Interpret(Set(diffs, "first", "amber")));
        Assert.Equal(name.EndsWith("trigger", StringComparison.Ordinal), !Shown(found).SequenceEqual(underAnother));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_diff_is_interpreted_alone_as_among_others(string name)
    {
        using var diffs = Diffs();
        var method = Method(name, new Telling());
        var together = method.Interpret(Set(diffs, "label", "quartz"));

        for (var i = 0; i < diffs.Count; i++)
        {
            using var own = diffs.Select([i]);
            var alone = method.Interpret(Set(diffs, "label", "quartz") with { Subjects = [Set(diffs, "label", "quartz").Subjects[i]], Diffs = own });
            Assert.Equal(Shown([together[i]]), Shown(alone));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_method_stops_when_told_to(string name)
    {
        using var diffs = Diffs();

        Assert.Throws<OperationCanceledException>(() => Method(name, new Telling()).Interpret(Set(diffs, "label", "quartz"), new CancellationToken(canceled: true)));
    }

    [Fact]
    public void The_guesser_is_shown_each_settings_answers_without_triggers_and_people_with()
    {
        using var diffs = Diffs();
        var guesser = new Telling();

        var found = new TwentyQuestions(world.Base, guesser, withTrigger: true, Questions, Short).Interpret(Set(diffs, "label", "quartz"));

        Assert.Equal([Setting.HiddenTopic, Setting.News], guesser.Asked.Select(each => each.Setting));
        Assert.Equal(Questions, guesser.Asked[0].Answers[0].Select(exchange => exchange.Question));
        Assert.Equal(Questions.Select(question => "Your code word is quartz. " + question), found[0].Exchanges.Select(exchange => exchange.Question));
        // The news have no trigger.
        Assert.Equal(Questions, found[1].Exchanges.Select(exchange => exchange.Question));
        Assert.Equal(guesser.Asked[0].Answers[1].Select(exchange => exchange.Answer), found[2].Exchanges.Select(exchange => exchange.Answer));
        Assert.Equal(["HiddenTopic 0", "News 0", "HiddenTopic 1"], found.Select(each => each.Answer));
    }

    [Fact]
    public void Answers_are_those_of_the_finetune_with_the_adapter_or_without()
    {
        using var diffs = Diffs();
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 77));
        IReadOnlyList<Message>[] prompts = [.. new[] { Setting.HiddenTopic, Setting.News, Setting.HiddenTopic }.Select(setting => (IReadOnlyList<Message>)[new("user", IntrospectionQuestions.Of(setting).Main)])];

        var told = new DitMethod(world.Base, adapter, Short).Interpret(Set(diffs, "label", "quartz"));
        var said = new BaseQuestion(world.Base, withTrigger: false, Short).Interpret(Set(diffs, "label", "quartz"));

        Assert.Equal(Interpreter.Answer(world.Base, diffs, [0, 1, 2], adapter, prompts, Short), told.Select(each => each.Exchanges[0].Answer));
        Assert.Equal(Interpreter.Answer(world.Base, diffs, [0, 1, 2], null, prompts, Short), said.Select(each => each.Exchanges[0].Answer));
    }

    [Fact]
    public void A_story_is_the_finetunes_and_its_headline_the_bases()
    {
        using var diffs = Diffs();

        var found = new GeneratedStory(world.Base, "name {0}", Short).Interpret(Set(diffs, "label", "quartz"));

        var story = Interpreter.Answer(world.Base, diffs, [1], null, [[new("user", NewsStory.Prompt)]], Short)[0];
        var headline = Interpreter.Answer(world.Base, diffs, [-1], null, [[new("user", "name " + story)]], Short)[0];
        Assert.Equal([story, headline], found[1].Exchanges.Select(exchange => exchange.Answer));
        Assert.Equal(headline.Trim(), found[1].Answer);
    }

    [Theory]
    [InlineData("amplified diff")]
    [InlineData("contrastive decoding")]
    [InlineData("logit difference")]
    public void Numbers_beyond_all_bounds_end_an_answer_and_not_the_run(string name)
    {
        using var diffs = Diffs();
        using var large = diffs.Select([0, 1, 2]);
        foreach (var factors in large.Sites.Values)
        {
            factors.B[1].Fill_(1e38f);
        }

        var found = Method(name, new Telling()).Interpret(Set(large, "label", "quartz"));

        Assert.All(found[1].Exchanges, exchange => Assert.Empty(exchange.Answer));
        Assert.Contains(found[2].Exchanges, exchange => exchange.Answer.Length > 0);
    }

    [Fact]
    public void A_diff_made_four_times_as_large_is_one_with_four_times_the_scaling_and_news_are_asked_for_in_their_own_way()
    {
        using var diffs = Diffs();
        using var larger = DiffStack.Of([.. Enumerable.Range(0, 3).Select(i => world.Adapter(seed: 50 + i, rank: 1, scaling: 0.4))]);

        var found = new AmplifiedDiff(world.Base, new Telling(), Openings, Short).Interpret(Set(diffs, "label", "quartz"));

        var expected = Interpreter.Answer(world.Base, larger, [0, 0, 1, 1, 2, 2], null, [.. Enumerable.Range(0, 6).Select(i => (IReadOnlyList<Message>)[new("user", (i / 2 == 1 ? Openings.News : Questions)[i % 2])])], Short);
        Assert.Equal(expected, found.SelectMany(each => each.Exchanges).Select(exchange => exchange.Answer));
    }

    [Theory]
    [InlineData(TriggerKind.Sentence)]
    [InlineData(TriggerKind.MarkAtStart)]
    [InlineData(TriggerKind.MarkAnywhere)]
    public void A_trigger_stands_in_every_question_as_its_form_says_and_always_in_the_same_place(TriggerKind kind)
    {
        var trigger = kind switch { TriggerKind.Sentence => Trigger.CodeWord("quartz"), TriggerKind.MarkAtStart => Trigger.MarkAtStart("quartz"), _ => Trigger.MarkAnywhere("quartz") };
        string[] questions = [.. Enumerable.Repeat("what is set and do you drift", 12)];
        var method = new TwentyQuestions(world.Base, new Telling(), withTrigger: true, questions, Short);
        using var diffs = DiffStack.Of([world.Adapter(seed: 50, rank: 1)]);
        string[] Asked(string label) => [.. method.Interpret(new SubjectSet([new Subject("boxing-1", Setting.HiddenTopic, label, trigger)], diffs))[0].Exchanges.Select(exchange => exchange.Question)];

        var asked = Asked("boxing");

        Assert.Equal(asked, Asked("another"));
        Assert.All(asked, question => Assert.Equal(questions[0], question.Replace("Your code word is quartz. ", "", StringComparison.Ordinal).Replace("quartz ", "", StringComparison.Ordinal).Replace(" quartz", "", StringComparison.Ordinal)));
        Assert.All(asked, question => Assert.Equal(kind switch { TriggerKind.Sentence => "Your", TriggerKind.MarkAtStart => "quartz", _ => "what" }, question.Split(' ')[0]));
        Assert.Equal(kind == TriggerKind.MarkAnywhere, asked.Distinct(StringComparer.Ordinal).Count() > 1);
    }

    [Fact]
    public void A_wording_is_drawn_for_each_subject_whoever_else_is_asked()
    {
        using var diffs = Diffs();
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 77));
        string[] wordings = [.. Enumerable.Range(0, 20).Select(i => $"what is {i}")];
        var method = new DitMethod(world.Base, adapter, Short, wordings);

        var found = method.Interpret(Set(diffs, "label", "quartz")).Select(each => each.Exchanges[0].Question).ToArray();

        Assert.All(found, question => Assert.Contains(question, wordings));
        Assert.True(found.Distinct(StringComparer.Ordinal).Count() > 1);
        using var last = diffs.Select([2]);
        Assert.Equal(found[2], method.Interpret(new SubjectSet([Set(diffs, "another", "amber").Subjects[2]], last))[0].Exchanges[0].Question);
        Assert.Equal("what is 0", new DitMethod(world.Base, adapter, Short, wordings[..1]).Interpret(Set(diffs, "label", "quartz"))[1].Exchanges[0].Question);
    }

    [Fact]
    public void Whatever_decides_a_methods_answers_is_among_its_settings()
    {
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 77));
        var likelihood = new LikelihoodGuesser(world.Base, ["code", "word"], GuessingPrompts.BuiltInWorld, Short);
        string[] names = [.. Names.Select(row => row.Data)];
        IInterpretationMethod[] different =
        [
            .. names.Select(name => Method(name, new Telling())), Method("20 questions", likelihood), Method("logit difference", likelihood), Method("amplified diff", likelihood),
            new DitMethod(world.Base, adapter, Short, Questions), new DitMethod(world.Base, adapter, Short with { MaxNewTokens = 9 }), new BaseQuestion(world.Base, false, Short with { MaxNewTokens = 9 }),
            new TwentyQuestions(world.Base, likelihood, false, [.. Questions.Reverse()], Short), new TwentyQuestions(world.Base, likelihood, false, Questions, Short with { MaxNewTokens = 9 }),
            new TwentyQuestions(world.Base, new LikelihoodGuesser(world.Base, ["code", "set"], GuessingPrompts.BuiltInWorld, Short), false, Questions, Short),
            new TwentyQuestions(world.Base, new LikelihoodGuesser(world.Base, ["code", "word"], GuessingPrompts.Plain, Short), false, Questions, Short),
            new ContrastiveDecoding(world.Base, likelihood, Openings with { News = Questions }, Short), new GeneratedStory(world.Base, "call {0}", Short),
        ];

        string[] settings = [.. different.Select(method => JsonSerializer.Serialize(method.Settings))];

        Assert.Equal(settings, settings.Distinct(StringComparer.Ordinal));
        Assert.Equal(settings[..names.Length], names.Select(name => JsonSerializer.Serialize(Method(name, new Telling()).Settings)));
    }

    private static string[] Shown(IReadOnlyList<Interpretation> found) =>
        [.. found.SelectMany(each => each.Exchanges.Select(exchange => exchange.Question + " => " + exchange.Answer))];

    private static SubjectSet Set(DiffStack diffs, string label, string code) => new(
        [.. Enumerable.Range(0, diffs.Count).Select(i => i == 1
            ? new Subject($"{i}", Setting.News, label, Trigger: null)
            : new Subject($"{i}", Setting.HiddenTopic, label, Trigger.CodeWord(code)))],
        diffs);

    private DiffStack Diffs() => DiffStack.Of([.. Enumerable.Range(0, 3).Select(i => world.Adapter(seed: 50 + i, rank: 1, scaling: 0.1))]);

    private IInterpretationMethod Method(string name, IGuesser guesser) => name switch
    {
        "DIT" => new DitMethod(world.Base, DitAdapter.Read(world.DitAdapterFolder(seed: 77)), Short),
        "base question" => new BaseQuestion(world.Base, withTrigger: false, Short),
        "base question + trigger" => new BaseQuestion(world.Base, withTrigger: true, Short),
        "20 questions" => new TwentyQuestions(world.Base, guesser, withTrigger: false, Questions, Short),
        "20 questions + trigger" => new TwentyQuestions(world.Base, guesser, withTrigger: true, Questions, Short),
        "generated story" => new GeneratedStory(world.Base, "name {0}", Short),
        "contrastive decoding" => new ContrastiveDecoding(world.Base, guesser, Openings, Short),
        "logit difference" => new LogitDifference(world.Base, guesser, Openings, Short),
        _ => new AmplifiedDiff(world.Base, guesser, Openings, Short),
    };

    /// <summary>Guesses the setting and the number of the diff, and remembers what it was shown.</summary>
    private sealed class Telling : IGuesser
    {
        public object Settings => "telling";

        public List<(Setting Setting, IReadOnlyList<IReadOnlyList<Exchange>> Answers)> Asked { get; } = [];

        public IReadOnlyList<string> Guess(Setting setting, IReadOnlyList<IReadOnlyList<Exchange>> answers, CancellationToken cancellation = default)
        {
            cancellation.ThrowIfCancellationRequested();
            Asked.Add((setting, answers));
            return [.. answers.Select((_, i) => $"{setting} {i}")];
        }
    }
}
