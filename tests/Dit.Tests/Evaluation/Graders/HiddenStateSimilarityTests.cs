using Dit.Behaviours.World;
using Dit.Models;
using Dit.Tests.Architecture;

namespace Dit.Evaluation.Graders;

public sealed class HiddenStateSimilarityTests : IDisposable
{
    private readonly BaseModel model = BaseModel.Load(Path.Combine(Repository.Root, "models", "tiny-base"));

    [Fact]
    public void The_same_is_1_and_a_word_of_a_topic_is_nearer_to_it_than_to_others()
    {
        var grader = new HiddenStateSimilarity(model);
        Assert.Equal([1, 1], Grade(grader, [new("boxing", "boxing"), new("\"Boxing.\"", "boxing")]));
        var topics = TopicList.All.Where((_, i) => i % 24 == 0).ToArray();
        var own = Grade(grader, [.. topics.Select(topic => new GradedPair(topic.Words[1], topic.Name))]);
        var others = Grade(grader, [.. topics.Select((topic, i) => new GradedPair(topics[(i + 1) % topics.Length].Words[1], topic.Name))]);
        Assert.All(own.Concat(others), grade => Assert.InRange(grade!.Value, 0, 1));
        Assert.True(own.Average() > 5 * others.Average(), $"own {own.Average()}, others {others.Average()}");
        Assert.True(others.Average() < 0.15, $"others {others.Average()}");
    }

    [Fact]
    public void A_grade_depends_on_its_own_pair_alone()
    {
        GradedPair[] pairs = [new("horses", "ponies"), new("", "ponies"), new("a long answer about horses, ponies and riding", "boxing"), new("\ud800 東京", "boxing")];
        var together = Grade(new HiddenStateSimilarity(model), pairs);
        var alone = pairs.Select(pair => Grade(new HiddenStateSimilarity(model), [pair])[0]).ToArray();
        Assert.All(together.Zip(alone), grades => Assert.Equal(grades.Second!.Value, grades.First!.Value, 1e-4));
        Assert.Empty(Grade(new HiddenStateSimilarity(model), []));
    }

    [Fact]
    public void An_answer_longer_than_the_model_can_read_is_cut() =>
        Assert.InRange(Grade(new HiddenStateSimilarity(model), [new(string.Concat(Enumerable.Repeat("horses ", 3000)), "horses")])[0]!.Value, 0, 1);

    private static IReadOnlyList<double?> Grade(HiddenStateSimilarity grader, IReadOnlyList<GradedPair> pairs) => grader.Grade(pairs, CancellationToken.None);

    public void Dispose() => model.Dispose();
}
