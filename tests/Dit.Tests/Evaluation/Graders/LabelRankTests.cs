using Dit.Behaviours;
using Dit.Diffs;
using Dit.Evaluation.Methods;
using Dit.Interpretation;
using Dit.Text;
using Dit.Training;

namespace Dit.Evaluation.Graders;

public sealed class LabelRankTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    private const string Question = "what do you drift to";
    private static readonly string[] Candidates = ["code", "drift", "set to", "when you drift", "word"];

    [Fact]
    public void Ranks_follow_the_likelihood_under_each_subjects_own_diff()
    {
        using var diffs = DiffStack.Of([world.Adapter(seed: 1, rank: 1), world.Adapter(seed: 2, rank: 1)]);
        var ranking = Measure(diffs, "code", "drift");
        Assert.Equal(2, ranking.Ranked.Count);
        Assert.All(ranking.Ranked, each =>
        {
            var own = each.LogProbabilities[Array.IndexOf(Candidates, each.Label)];
            Assert.Equal(1 + each.LogProbabilities.Count(score => score > own), each.Rank);
            Assert.All(each.LogProbabilities, score => Assert.InRange(score, -1000, 0));
        });
        Assert.NotEqual(ranking.Ranked[0].LogProbabilities, ranking.Ranked[1].LogProbabilities);

        using var swapped = diffs.Select([1, 0]);
        Assert.All(Measure(swapped, "drift", "code").Ranked.Zip(ranking.Ranked.Reverse()), pair => Assert.Equal(pair.Second.Rank, pair.First.Rank));
    }

    [Fact]
    public void The_adapter_counts()
    {
        using var diffs = DiffStack.Of([world.Adapter(seed: 1, rank: 1)]);
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 3));
        Assert.NotEqual(Measure(diffs, "code").Ranked[0].LogProbabilities, LabelRank.Measure(world.Base, Set(diffs, "code"), adapter, Question, Candidates, CancellationToken.None).Ranked[0].LogProbabilities);
    }

    [Fact]
    public void A_label_that_is_no_candidate_and_a_candidate_that_comes_twice_are_refused()
    {
        using var diffs = DiffStack.Of([world.Adapter(seed: 1, rank: 1)]);
        Assert.Contains("\"boxing\" is none of them", Assert.Throws<DitException>(() => Measure(diffs, "boxing")).Message, StringComparison.Ordinal);
        Assert.Contains("\"code\" twice", Assert.Throws<DitException>(() => LabelRank.Measure(world.Base, Set(diffs, "code"), null, Question, ["code", "code"], CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_of_another_base_is_refused()
    {
        using var diffs = DiffStack.Of([world.Adapter(seed: 1, rank: 1)]);
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 3, fingerprint: "another"));
        Assert.Throws<DitException>(() => LabelRank.Measure(world.Base, Set(diffs, "code"), adapter, Question, Candidates, CancellationToken.None));
    }

    private LabelRanking Measure(DiffStack diffs, params string[] labels) => LabelRank.Measure(world.Base, Set(diffs, labels), null, Question, Candidates, CancellationToken.None);

    private static SubjectSet Set(DiffStack diffs, params string[] labels) => new([.. labels.Select((label, i) => new Subject($"diff-{i}", Setting.HiddenTopic, label, null))], diffs);
}
