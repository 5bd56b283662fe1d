using CsCheck;
using Dit.Interpretation;
using Dit.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs.Inspection;

public sealed class LowRankProductTests
{
    private static readonly Gen<(int Seed, int Rank, int In, int Out)> s_factors = Gen.Select(Gen.Int[0, 1000], Gen.Int[1, 9], Gen.Int[1, 12], Gen.Int[1, 12]);

    [Fact]
    public void Norms_and_singular_values_are_those_of_the_dense_product() => s_factors.Sample(
        shape =>
        {
            using var scope = NewDisposeScope();
            var (a, b) = Factors(shape.Seed, shape.Rank, shape.In, shape.Out);
            var dense = b.to(ScalarType.Float64).mm(a.to(ScalarType.Float64));
            Assert.Equal(dense.norm().item<double>(), LowRankProduct.Frobenius(a, b).item<double>(), 1e-9);
            var values = linalg.svdvals(dense).data<double>().ToArray();
            var found = LowRankProduct.SingularValues(a, b).data<double>().ToArray();
            Assert.Equal(Math.Min(shape.Rank, values.Length), found.Length);
            Assert.All(found.Zip(values), pair => Assert.Equal(pair.Second, pair.First, 1e-9));
            Assert.True(LowRankProduct.RowEnergies(a, b).allclose(dense.Squared().sum([1]), 1e-9, 1e-9));
            Assert.True(LowRankProduct.ColumnEnergies(a, b).allclose(dense.Squared().sum([0]), 1e-9, 1e-9));
        },
        iter: 100,
        threads: 1);

    [Fact]
    public void Many_products_are_measured_as_one_by_one()
    {
        using var scope = NewDisposeScope();
        var pairs = Enumerable.Range(0, 3).Select(i => Factors(i, 2, 7, 5)).ToArray();
        var (a, b) = (stack(pairs.Select(pair => pair.A)), stack(pairs.Select(pair => pair.B)));
        Assert.True(LowRankProduct.Frobenius(a, b).allclose(stack(pairs.Select(pair => LowRankProduct.Frobenius(pair.A, pair.B)))));
        Assert.True(LowRankProduct.SingularValues(a, b).allclose(stack(pairs.Select(pair => LowRankProduct.SingularValues(pair.A, pair.B)))));
    }

    [Fact]
    public void A_spectrum_counts_directions_in_three_ways()
    {
        var even = Spectrum.Of([2, 2, 2, 2])!;
        Assert.Equal((4, 4.0), (even.NumericalRank, even.StableRank));
        Assert.Equal(4, even.EffectiveRank!.Value, 1e-12);
        var one = Spectrum.Of([5, 1e-6, 0])!;
        Assert.Equal(1, one.NumericalRank);
        Assert.Equal(1, one.StableRank, 1e-9);
        Assert.Equal(1, one.EffectiveRank!.Value, 1e-9);
        Assert.Null(Spectrum.Of([0, 0]));
        Assert.Null(Spectrum.Of([]));
        Assert.Equal(2, Spectrum.Of([1e-200, 1e-200])!.StableRank, 1e-9);
    }

    [Fact]
    public void A_spread_tells_few_places_from_many()
    {
        var broad = Spread.Of([.. Enumerable.Repeat(3.0, 40)], 40)!;
        Assert.True(broad.IsBroad);
        Assert.Equal(40, broad.EffectiveCount, 1e-9);
        Assert.Equal((36, 0.1), (broad.CountFor90, Math.Round(broad.TopTenthShare, 9)));

        var focused = Spread.Of([100, 1, 1], 40)!;
        Assert.True(focused.IsFocused);
        Assert.Equal((1, 40), (focused.CountFor90, focused.Places));
        Assert.Null(Spread.Of([0, 0], 2));
        Assert.Null(Spread.Of([double.NaN, 1], 2));
        Assert.Null(Spread.Of([], 5));
    }

    [Theory]
    [InlineData("model.layers.12.self_attn.q_proj", 12, "q")]
    [InlineData("model.layers.0.mlp.down_proj", 0, "down")]
    [InlineData("model.layers.3.mlp.router", 3, "router")]
    [InlineData("lm_head", null, "lm_head")]
    [InlineData("model.layers.99999999999.mlp.up_proj", null, "up")]
    public void A_place_is_read_from_a_name(string site, int? layer, string kind) => Assert.Equal(new SitePlace(layer, kind), SitePlace.Of(site));

    [Fact]
    public void Numbers_of_layers_are_joined() => Assert.Equal("0–3, 7, 9–10", SitePlace.Ranges([10, 9, 0, 1, 2, 3, 7, 7]));

    private static (Tensor A, Tensor B) Factors(int seed, int rank, int input, int output) =>
        (TinyWorld.Random($"{seed}/A", 1, rank, input), TinyWorld.Random($"{seed}/B", 1, output, rank));
}
