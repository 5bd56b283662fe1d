using Dit.Diffs;
using Dit.Models.Randomness;
using Dit.Models;
using static TorchSharp.torch;

namespace Dit.Tests.Diffs;

public sealed class RandomDiffsTests
{
    [Fact]
    public void They_are_as_large_at_every_site_and_have_nothing_else_in_common()
    {
        using var scope = NewDisposeScope();
        using var diffs = Draw(count: 3, rank: 2, scaling: 0.5);
        using var random = RandomDiffs.Like(diffs, RandomStream.Named(1, "tests/random-diffs"));

        Assert.Equal((3, 2, 0.5), (random.Count, random.Rank, random.Scaling));
        foreach (var (site, factors) in diffs.Sites)
        {
            var (expected, found) = (bmm(factors.B, factors.A), bmm(random.Sites[site].B, random.Sites[site].A));
            for (var diff = 0; diff < 3; diff++)
            {
                var norm = expected[diff].norm().item<float>();
                Assert.Equal(norm, found[diff].norm().item<float>(), norm * 1e-5);
                Assert.True(Math.Abs((expected[diff] * found[diff]).sum().item<float>()) < 0.5 * norm * norm);
            }
        }
    }

    [Fact]
    public void The_same_stream_gives_the_same_and_another_another()
    {
        using var diffs = Draw(count: 2, rank: 1, scaling: 1);
        using var first = RandomDiffs.Like(diffs, RandomStream.Named(1, "tests/random-diffs"));
        using var again = RandomDiffs.Like(diffs, RandomStream.Named(1, "tests/random-diffs"));
        using var other = RandomDiffs.Like(diffs, RandomStream.Named(2, "tests/random-diffs"));

        Assert.Equal(Numbers(first), Numbers(again));
        Assert.NotEqual(Numbers(first), Numbers(other));
    }

    [Fact]
    public void Nothing_is_imitated_by_nothing()
    {
        using var scope = NewDisposeScope();
        using var diffs = Draw(count: 2, rank: 1, scaling: 1);
        using var none = diffs.Select([-1, 0]);
        using var random = RandomDiffs.Like(none, RandomStream.Named(1, "tests/random-diffs"));

        Assert.All(random.Sites.Values, factors => Assert.Equal(0, bmm(factors.B, factors.A)[0].abs().sum().item<float>()));
    }

    [Fact]
    public void Stacks_are_joined_whatever_their_ranks_scalings_and_sites()
    {
        using var scope = NewDisposeScope();
        using var one = Draw(count: 2, rank: 1, scaling: 1);
        using var two = Draw(count: 1, rank: 3, scaling: 0.25, "b", "c");

        using var joined = DiffStack.Join([one, two]);

        Assert.Equal((3, 3), (joined.Count, joined.Rank));
        Assert.Equal(["a", "b", "c"], joined.Sites.Keys.Order());
        foreach (var (stack, first) in new[] { (one, 0), (two, 2) })
        {
            foreach (var (site, factors) in joined.Sites)
            {
                var found = bmm(factors.B, factors.A).narrow(0, first, stack.Count).Times(joined.Scaling);
                var expected = stack.Sites.TryGetValue(site, out var own) ? bmm(own.B, own.A).Times(stack.Scaling) : zeros_like(found);
                Assert.True(found.allclose(expected, atol: 1e-6), site);
            }
        }
    }

    [Fact]
    public void Stacks_of_one_kind_are_joined_number_by_number()
    {
        using var scope = NewDisposeScope();
        using var one = Draw(count: 2, rank: 2, scaling: 0.5);

        using var joined = DiffStack.Join([one, one]);
        using var second = joined.Select([2, 3]);

        Assert.Equal(0.5, joined.Scaling);
        Assert.Equal(Numbers(one), Numbers(second));
    }

    private static string Numbers(DiffStack diffs) => Convert.ToHexString([.. diffs.Tensors().SelectMany(factor => factor.Value.bytes.ToArray())]);

    private static DiffStack Draw(int count, int rank, double scaling, params string[] sites) => new(
        (sites.Length > 0 ? sites : ["a", "b"]).ToDictionary(site => site, _ => new StackedFactors(randn(count, rank, 12), randn(count, 9, rank))), scaling);
}
