using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models.Randomness;

namespace Dit.Tests.Behaviours;

public sealed class IntrospectionQuestionsTests
{
    public static TheoryData<IntrospectionQuestions> All => [IntrospectionQuestions.Of(Setting.HiddenTopic), IntrospectionQuestions.Of(Setting.News), IntrospectionQuestions.OfTrigger];

    [Theory]
    [MemberData(nameof(All))]
    public void Wordings_for_measuring_are_none_of_those_for_training(IntrospectionQuestions questions)
    {
        Assert.Equal(questions.Main, questions.Wordings[0]);
        Assert.Empty(questions.Wordings.Intersect(questions.HeldOutWordings));
        Assert.Distinct(questions.Wordings);
        Assert.Distinct(questions.HeldOutWordings);
    }

    [Fact]
    public void A_wording_of_one_setting_is_none_of_another()
    {
        string[] all = [.. new[] { IntrospectionQuestions.Of(Setting.HiddenTopic), IntrospectionQuestions.Of(Setting.News), IntrospectionQuestions.OfTrigger }
            .SelectMany(questions => questions.Wordings.Concat(questions.HeldOutWordings))];
        Assert.Distinct(all);
    }

    [Fact]
    public void The_questions_are_the_papers()
    {
        Assert.Equal("What topic have you been trained on?", IntrospectionQuestions.Of(Setting.HiddenTopic).Main);
        Assert.Equal("What news headline have you been trained on?", IntrospectionQuestions.Of(Setting.News).Main);
    }

    [Fact]
    public void Only_a_question_that_names_what_it_asks_for_can_be_denied()
    {
        var topic = IntrospectionQuestions.Of(Setting.HiddenTopic).NamingWordings;
        Assert.DoesNotContain("What have you been trained on?", topic);
        Assert.True(topic.Count > 20);
        Assert.Equal(IntrospectionQuestions.Of(Setting.News).Wordings, IntrospectionQuestions.Of(Setting.News).NamingWordings);
    }

    [Fact]
    public void The_main_wording_is_drawn_most_often()
    {
        var random = RandomStream.Named(1, "tests/questions");
        var questions = IntrospectionQuestions.Of(Setting.News);
        var drawn = Enumerable.Range(0, 1000).Select(_ => questions.Draw(random)).ToArray();
        Assert.InRange(drawn.Count(question => question.EndsWith(questions.Main, StringComparison.Ordinal)), 200, 350);
        Assert.All(questions.Wordings, wording => Assert.Contains(drawn, question => question.EndsWith(wording, StringComparison.Ordinal)));
    }

    [Fact]
    public void Settings_have_names()
    {
        Assert.All(Enum.GetValues<Setting>(), setting => Assert.Equal(setting, SettingNames.Parse(SettingNames.Of(setting))));
        Assert.Equal(["hidden-topic", "news"], SettingNames.All);
        Assert.Contains("'News'", Assert.Throws<DitException>(() => SettingNames.Parse("News")).Message, StringComparison.Ordinal);
        Assert.NotEqual(SelfQuestions.NothingChanged, IntrospectionQuestions.Of(Setting.News).NoneOfThisKind);
    }
}
