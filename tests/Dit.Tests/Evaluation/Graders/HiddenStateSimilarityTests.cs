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
        var topics = TopicList.All.Where((_, i) => i % 8 == 0).ToArray();
        var ofWord = Grade(grader, [.. topics.SelectMany(of => topics.Select(topic => new GradedPair(of.Words[1], topic.Name)))])
            .Select(grade => grade!.Value).Chunk(topics.Length).ToArray();
        var own = ofWord.Select((grades, i) => grades[i]).ToArray();
        var others = ofWord.Select((grades, i) => (grades.Sum() - own[i]) / (topics.Length - 1)).ToArray();
        Assert.All(ofWord, grades => Assert.All(grades, grade => Assert.InRange(grade, 0, 1)));
        Assert.True(own.Average() > 0.5, $"own {own.Average()}");
        Assert.True(others.Average() < 0.15, $"others {others.Average()}");
        var nearest = ofWord.Where((grades, i) => grades.Max() == own[i]).Count();
        Assert.True(nearest > topics.Length / 2, $"{nearest} of {topics.Length} words are nearest to their own topic's name");
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
