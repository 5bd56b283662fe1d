using CsCheck;

namespace Dit.Evaluation;

public sealed class PairedComparisonTests
{
    private static readonly Gen<double?[]> s_grades = Gen.Int[0, 3].Select(i => new double?[] { null, 0, 0.25, 1 }[i]).Array[12];

    [Fact]
    public void Shares_and_difference_by_hand()
    {
        var comparison = PairedComparison.Of([1, 1, 0, 0.5, null, 1], [0, 1, 1, 0, 1, null], ["a", "b", "c", "d", "e", "f"], seed: 1);
        Assert.Equal((0.5, 0.25, 0.25, 4), (comparison.Better, comparison.Equal, comparison.Worse, comparison.Count));
        Assert.Equal(0.125, comparison.Difference.Mean, 12);
        Assert.InRange(comparison.Difference.Mean, comparison.Difference.Low, comparison.Difference.High);
    }

    /// <summary>Ten groups that all differ the same way: of the 1,024 ways to flip signs, two reach as far.</summary>
    [Fact]
    public void P_is_the_share_of_sign_flips_that_reach_as_far()
    {
        var ones = Enumerable.Repeat<double?>(1, 10).ToArray();
        var zeros = Enumerable.Repeat<double?>(0, 10).ToArray();
        string[] groups = [.. Enumerable.Range(0, 10).Select(i => $"{i}")];
        Assert.InRange(PairedComparison.Of(ones, zeros, groups, seed: 1).PValue, 0.0008, 0.0035);
        Assert.Equal(1, PairedComparison.Of(ones, ones, groups, seed: 1).PValue);
    }

    [Fact]
    public void Diffs_of_one_group_add_no_certainty()
    {
        string[] groups = [.. Enumerable.Range(0, 200).Select(i => $"{i / 100}")];
        var comparison = PairedComparison.Of([.. groups.Select(_ => (double?)1)], [.. groups.Select(_ => (double?)0)], groups, seed: 1);
        Assert.InRange(comparison.PValue, 0.45, 0.55);
    }

    [Fact]
    public void Swapping_the_methods_turns_everything_round() => Gen.Select(s_grades, s_grades, Gen.Int[0, 4].Select(i => $"{i}").Array[12]).Sample(
        (first, second, groups) =>
        {
            if (!first.Zip(second).Any(pair => pair.First is not null && pair.Second is not null))
            {
                Assert.Throws<ArgumentException>(object? () => PairedComparison.Of(first, second, groups, 5));
                return;
            }

            var (there, back) = (PairedComparison.Of(first, second, groups, 5), PairedComparison.Of(second, first, groups, 5));
            Assert.Equal(there, PairedComparison.Of(first, second, groups, 5));
            Assert.Equal((there.Better, there.Equal, there.Worse, there.Count), (back.Worse, back.Equal, back.Better, back.Count));
            Assert.Equal(there.Difference.Mean, -back.Difference.Mean, 12);
            Assert.Equal(1, there.Better + there.Equal + there.Worse, 12);
            Assert.Equal(there.PValue, back.PValue);
            Assert.InRange(there.PValue, 0.0001, 1);
        },
        iter: 30);
}
