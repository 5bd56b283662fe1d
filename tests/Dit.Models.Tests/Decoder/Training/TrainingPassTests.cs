using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>The gradients that are written by hand against those of autograd through the decoder, in 64 bits.</summary>
public sealed class TrainingPassTests : IDisposable
{
    private const int Rows = 3;

    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<string> Families => ["qwen3", .. TinyDecoder.Families.Keys];

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void Gradients_are_those_of_autograd(string family)
    {
        using var model = Create(family);
        // One after another in the same memory: the first pass finds no room in it, later ones some or enough.
        using TrainingMemory keeping = new(), recomputing = new(recomputes: true);
        foreach (var (tokens, first, recomputes) in new[] { (9, 0, false), (9, 4, false), (9, 4, true), (140, 0, false), (9, 0, false), (140, 130, false), (140, 130, true) })
        {
            var ids = TinyDecoder.Ids([.. Enumerable.Range(1, Rows).Select(seed => TinyDecoder.Prompt(tokens, seed))]);

            AssertAgrees(model, ids, null, first, recomputes ? recomputing : keeping);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void So_they_are_where_padding_counts(string family)
    {
        using var model = Create(family);
        foreach (var longest in new[] { 9, 140 })
        {
            var (ids, mask) = TinyDecoder.Padded(4, TinyDecoder.Prompt(longest, 1), TinyDecoder.Prompt(2, 2), TinyDecoder.Prompt(6, 3));

            AssertAgrees(model, ids, mask, first: 1, memory: null);
        }
    }

    [Fact]
    public void A_frozen_side_gets_no_gradient_and_the_other_the_same()
    {
        using var model = Create("qwen3");
        var ids = TinyDecoder.Ids([.. Enumerable.Range(1, Rows).Select(seed => TinyDecoder.Prompt(5, seed))]);
        var all = Factors(model);
        using var whole = TrainingPass.Forward(model, ids, null, Terms(all, _ => true));
        var gradient = randn_like(whole.Hidden);
        whole.Backward(gradient);
        var half = Factors(model);
        using var part = TrainingPass.Forward(model, ids, null, Terms(half, name => name.EndsWith("_B", StringComparison.Ordinal)));
        part.Backward(gradient);

        Assert.All(all.Zip(half), pair =>
        {
            Assert.True(pair.First.Value.GradientB.eq(pair.Second.Value.GradientB).all().item<bool>());
            Assert.Equal(0, pair.Second.Value.GradientA.abs().max().item<double>());
            Assert.NotEqual(0, pair.First.Value.GradientA.abs().max().item<double>());
        });
    }

    [Fact]
    public void Gradients_add_up()
    {
        using var model = Create("qwen3");
        var ids = TinyDecoder.Ids([.. Enumerable.Range(1, Rows).Select(seed => TinyDecoder.Prompt(5, seed))]);
        var factors = Factors(model);
        var once = Factors(model);
        var gradient = randn(Rows, 5, model.Config.HiddenSize, ScalarType.Float64);
        foreach (var target in new[] { once, factors, factors })
        {
            using var pass = TrainingPass.Forward(model, ids, null, Terms(target, _ => true));
            pass.Backward(gradient);
        }

        Assert.All(once.Zip(factors), pair => Assert.True(pair.First.Value.GradientA.Times(2).allclose(pair.Second.Value.GradientA)));
    }

    [Fact]
    public void Nothing_is_left_behind_by_a_pass_there_and_back_or_only_there()
    {
        using var model = Create("gemma3");
        var ids = TinyDecoder.Ids([.. Enumerable.Range(1, Rows).Select(seed => TinyDecoder.Prompt(140, seed))]);
        var terms = Terms(Factors(model), _ => true);
        var gradient = randn(Rows, 140, model.Config.HiddenSize, ScalarType.Float64);
        var counts = new List<long>();
        using TrainingMemory keeping = new(), recomputing = new(recomputes: true);
        for (var i = 0; i < 6; i++)
        {
            using (var pass = TrainingPass.Forward(model, ids, null, terms, memory: i % 2 == 1 ? recomputing : keeping))
            {
                pass.Backward(gradient);
            }

            TrainingPass.Forward(model, ids, null, terms).Dispose();
            counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.All(counts.Skip(3), count => Assert.Equal(counts[2], count));
    }

    [Fact]
    public void Two_passes_at_once_do_not_share_memory()
    {
        using var model = Create("qwen3");
        var ids = TinyDecoder.Ids(TinyDecoder.Prompt(5, 1));
        var terms = new Dictionary<string, IReadOnlyList<LowRankTerm>>();
        using var memory = new TrainingMemory();
        using (TrainingPass.Forward(model, ids, null, terms, memory: memory))
        {
            Assert.Throws<InvalidOperationException>(() => TrainingPass.Forward(model, ids, null, terms, memory: memory));
        }

        TrainingPass.Forward(model, ids, null, terms, memory: memory).Dispose();
    }

    [Theory]
    [InlineData(2, "expected factors A [3, r, 24]")]
    [InlineData(3, null)]
    public void Pairs_that_do_not_fit_are_refused(int rows, string? refusal)
    {
        using var model = Create("qwen3");
        var ids = TinyDecoder.Ids([.. Enumerable.Range(1, Rows).Select(seed => TinyDecoder.Prompt(5, seed))]);
        var site = model.Sites[0];
        var terms = new Dictionary<string, IReadOnlyList<LowRankTerm>>
        {
            [site.Name] = [new LowRankTerm(zeros(rows, 1, site.InFeatures, ScalarType.Float64), zeros(rows, site.OutFeatures, 1, ScalarType.Float64), 1)],
        };

        var thrown = Record.Exception(() => TrainingPass.Forward(model, ids, null, terms).Dispose());

        Assert.Equal(refusal is null, thrown is null);
        if (refusal is not null)
        {
            Assert.Contains(refusal, Assert.IsType<DitException>(thrown).Message);
        }
    }

    [Fact]
    public void A_site_that_the_model_lacks_is_refused()
    {
        using var model = Create("qwen3");

        var thrown = Assert.Throws<DitException>(() => TrainingPass.Forward(
            model, TinyDecoder.Ids(TinyDecoder.Prompt(5, 1)), null, new Dictionary<string, IReadOnlyList<LowRankTerm>> { ["model.layers.9.mlp.up_proj"] = [] }));

        Assert.Equal("model.layers.9.mlp.up_proj: expected a linear layer of the model, found none of this name.", thrown.Message);
    }

    private static Decoder Create(string family)
    {
        using var narrow = TinyDecoder.Create(TinyDecoder.Families.GetValueOrDefault(family, TinyDecoder.Config));
        return new Decoder(narrow.Config, narrow.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.to(ScalarType.Float64)));
    }

    private static void AssertAgrees(Decoder model, Tensor ids, Tensor? mask, int first, TrainingMemory? memory)
    {
        var factors = Factors(model);
        using var pass = TrainingPass.Forward(model, ids, mask, Terms(factors, _ => true), first, memory);
        var expected = model.HiddenStates(ids, mask, Overlay(factors)).narrow(1, first, ids.shape[1] - first);
        var counts = (mask ?? ones_like(ids)).narrow(1, first, ids.shape[1] - first).unsqueeze(-1).to(ScalarType.Float64);
        AssertClose(expected.detach() * counts, pass.Hidden * counts);

        var gradient = randn_like(expected) * counts;
        (expected * gradient).sum().backward();
        pass.Backward(gradient);

        Assert.All(factors, factor =>
        {
            AssertClose(factor.Value.A.grad!, factor.Value.GradientA);
            AssertClose(factor.Value.B.grad!, factor.Value.GradientB);
        });
    }

    private static void AssertClose(Tensor expected, Tensor found)
    {
        Assert.Equal(expected.shape, found.shape);
        var (off, size) = ((expected - found).abs().max().item<double>(), expected.abs().max().item<double>());
        Assert.True(off <= 1e-9 * (1 + size), $"off by {off} of {size}");
    }

    // Of every site a pair for each row of rank 1 or 3, and one for all rows.
    private static Dictionary<string, Pair> Factors(Decoder model)
    {
        using var random = new Generator(11);
        return model.Sites.SelectMany((site, i) => new[] { (Name: site.Name + "/row", Pair: Drawn(site, [Rows], 1 + (i % 2 * 2))), (Name: site.Name + "/all", Pair: Drawn(site, [], 2)) })
            .ToDictionary(named => named.Name, named => named.Pair);

        Pair Drawn(Site site, long[] rows, int rank)
        {
            var (a, b) = (Numbers([.. rows, rank, site.InFeatures]), Numbers([.. rows, site.OutFeatures, rank]));
            return new Pair(site.Name, a, b, zeros_like(a), zeros_like(b));
        }

        Tensor Numbers(long[] shape) => randn(shape, ScalarType.Float64, generator: random).Times(0.2).detach().requires_grad_(true);
    }

    private static Dictionary<string, IReadOnlyList<LowRankTerm>> Terms(Dictionary<string, Pair> factors, Func<string, bool> trained) =>
        factors.Values.GroupBy(pair => pair.Site).ToDictionary(site => site.Key, site => (IReadOnlyList<LowRankTerm>)
            [.. site.Select(pair => new LowRankTerm(pair.A.detach(), pair.B.detach(), 0.7, trained("_A") ? pair.GradientA : null, trained("_B") ? pair.GradientB : null))]);

    private static Overlays Overlay(Dictionary<string, Pair> factors) => factors.Values.Aggregate(Overlays.None, (overlays, pair) =>
        overlays.With(new Dictionary<string, ISiteOverlay> { [pair.Site] = pair.A.dim() == 3 ? new RowLowRank(pair.A, pair.B, 0.7) : new SharedLowRank(pair.A, pair.B, 0.7) }));

    private sealed record Pair(string Site, Tensor A, Tensor B, Tensor GradientA, Tensor GradientB);
}
