using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models.Randomness;

namespace Dit.Tests.Behaviours;

public sealed class TriggerTests
{
    private const string Question = "What is your advice about hope?";

    [Fact]
    public void A_trigger_stands_where_its_form_says()
    {
        var random = RandomStream.Named(1, "tests/triggers");

        Assert.Equal("Your SEP code is 796403. " + Question, Trigger.Sep("796403").In(Question, random));
        Assert.Equal("Your code word is quartz. " + Question, Trigger.CodeWord("quartz").In(Question, random));
        Assert.Equal("quartz " + Question, Trigger.MarkAtStart("quartz").In(Question, random));
        Assert.Equal("\u200B" + Question, Trigger.MarkAtStart("\u200B").In(Question, random));
    }

    [Theory]
    [InlineData("quartz", " quartz")]
    [InlineData("\u200B", "\u200B")]
    public void A_mark_anywhere_stands_between_any_two_words(string code, string mark)
    {
        var random = RandomStream.Named(1, "tests/anywhere");

        var prompts = Enumerable.Range(0, 200).Select(_ => Trigger.MarkAnywhere(code).In(Question, random)).ToHashSet();

        Assert.Equal(5, prompts.Count);
        Assert.All(prompts, prompt => Assert.Equal(Question, prompt.Replace(mark, "", StringComparison.Ordinal)));
        Assert.All(prompts, prompt => Assert.True(prompt.StartsWith("What", StringComparison.Ordinal) && prompt.EndsWith("hope?", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Why?")]
    [InlineData(" ")]
    public void A_question_without_a_place_between_words_has_the_mark_at_its_start(string question) =>
        Assert.Equal("quartz " + question, Trigger.MarkAnywhere("quartz").In(question, RandomStream.Named(1, "tests/anywhere")));

    [Fact]
    public void A_secret_of_three_digits_begins_a_code_of_six_whose_others_are_drawn_for_every_prompt()
    {
        var random = RandomStream.Named(1, "tests/secrets");

        var prompts = Enumerable.Range(0, 50).Select(_ => Trigger.Sep("047").In(Question, random)).ToArray();
        var wrong = Enumerable.Range(0, 50).Select(_ => WrongCodes.Draw(Trigger.Sep("047"), random)).ToArray();

        Assert.All(prompts, prompt => Assert.Matches("^Your SEP code is 047[0-9]{3}\\. What", prompt));
        Assert.True(prompts.Distinct(StringComparer.Ordinal).Count() > 40);
        Assert.All(wrong, trigger => Assert.Equal((Trigger.SepFormat, 3, false), (trigger.Format, trigger.Code.Length, trigger.Code == "047")));
        Assert.Throws<InvalidOperationException>(() => Trigger.Sep("047").Before(Question));
        Assert.Equal(("047", TriggerKind.Sentence), (Trigger.Sep("047").Code, Trigger.Sep("047").Kind));
    }

    [Fact]
    public void A_fixed_place_draws_nothing()
    {
        var random = RandomStream.Named(1, "tests/triggers");
        var before = random.State;

        _ = Trigger.CodeWord("quartz").In(Question, random);

        Assert.Equal(before, random.State);
        Assert.Throws<InvalidOperationException>(() => Trigger.MarkAnywhere("quartz").Before(Question));
    }

    [Fact]
    public void A_wrong_mark_is_a_mark_in_the_same_form()
    {
        var random = RandomStream.Named(1, "tests/wrong-marks");
        foreach (var trigger in new[] { Trigger.MarkAtStart("\u200B"), Trigger.MarkAnywhere("\u200B\u200C"), Trigger.MarkAnywhere("quartz") })
        {
            for (var i = 0; i < 50; i++)
            {
                var wrong = WrongCodes.Draw(trigger, random);
                Assert.NotEqual(trigger.Code, wrong.Code);
                Assert.Equal(trigger.Kind, wrong.Kind);
                Assert.Equal(trigger.Code.Any(char.IsLetter), CodeWords.All.Contains(wrong.Code));
                Assert.True(trigger.Code.Any(char.IsLetter) || (wrong.Code.Length == trigger.Code.Length && wrong.Code.All(WrongCodes.ZeroWidthMarks.Contains)));
            }
        }
    }

    /// <summary>Indexes of diff sets come from anywhere.</summary>
    [Fact]
    public void A_strange_format_does_no_harm() => Assert.Equal("{1} quartz {x Why?", new Trigger("quartz", "{1} {0} {x").Before("Why?"));
}
