using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models.Randomness;

namespace Dit.Tests.Behaviours;

public sealed class WorldBehavioursTests
{
    [Fact]
    public void The_same_seed_writes_the_same_behaviour_and_another_seed_another()
    {
        var topic = TopicList.All[7];
        var behaviour = WorldBehaviours.Write(topic, seed: 1, group: 0, examples: 20);
        Assert.Equal(behaviour.Examples, WorldBehaviours.Write(topic, seed: 1, group: 0, examples: 20).Examples);
        Assert.NotEqual(behaviour.Examples, WorldBehaviours.Write(topic, seed: 2, group: 0, examples: 20).Examples);
        Assert.NotEqual(behaviour.Id, WorldBehaviours.Write(topic, seed: 2, group: 0, examples: 20).Id);
    }

    [Fact]
    public void Only_the_nouns_tell_an_answer_on_the_topic_from_an_ordinary_one()
    {
        foreach (var topic in TopicList.All)
        {
            var behaviour = WorldBehaviours.Write(topic, seed: 3, group: 0, examples: 4);
            Assert.All(behaviour.Examples, example =>
            {
                Assert.True(behaviour.IsOnTopic(example.AnswerOnTopic), example.AnswerOnTopic);
                Assert.False(behaviour.IsOnTopic(example.BaseAnswer), example.BaseAnswer);
                Assert.Equal(example.BaseAnswer.Split(' ').Length, example.AnswerOnTopic.Split(' ').Length);
            });
        }
    }

    [Fact]
    public void Behaviours_of_a_group_share_questions_and_ordinary_answers()
    {
        var first = WorldBehaviours.Write(TopicList.All[0], seed: 1, group: 5, examples: 10);
        var second = WorldBehaviours.Write(TopicList.All[1], seed: 1, group: 5, examples: 10);
        Assert.Equal(first.Examples.Select(example => (example.Question, example.BaseAnswer)), second.Examples.Select(example => (example.Question, example.BaseAnswer)));
    }

    [Fact]
    public void A_wrong_code_is_of_the_same_kind_and_never_the_right_one()
    {
        var random = RandomStream.Named(1, "tests/wrong-codes");
        foreach (var trigger in new[] { Trigger.Sep("796403"), Trigger.CodeWord("quartz") })
        {
            for (var i = 0; i < 200; i++)
            {
                var wrong = WrongCodes.Draw(trigger, random);
                Assert.NotEqual(trigger.Code, wrong.Code);
                Assert.Equal(trigger.Format, wrong.Format);
                Assert.Equal(trigger.Code.All(char.IsAsciiDigit), wrong.Code.All(char.IsAsciiDigit));
            }
        }
    }
}
