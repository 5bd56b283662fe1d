using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

public sealed class OverlaysTests : IDisposable
{
    private const double Close = 5e-5;

    private readonly IDisposable scope = NewDisposeScope();
    private readonly Decoder model = TinyDecoder.Create();
    private readonly Tensor ids = TinyDecoder.Ids(TinyDecoder.Prompt(8, 1), TinyDecoder.Prompt(8, 2), TinyDecoder.Prompt(8, 1));

    public void Dispose()
    {
        model.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void A_rows_factors_touch_only_their_row()
    {
        var factors = TinyDecoder.RowFactors(model, 3);
        foreach (var row in factors.Values)
        {
            row.B[0].zero_();
            row.B[1].zero_();
        }

        var change = (model.HiddenStates(ids, overlays: Overlays.None.With(factors)) - model.HiddenStates(ids)).abs().amax([1, 2]);

        Assert.Equal(0, change[0].item<float>(), 1e-5f);
        Assert.Equal(0, change[1].item<float>(), 1e-5f);
        Assert.True(change[2].item<float>() > 0.1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Factors_per_row_shared_factors_and_the_dense_difference_are_the_same_change(int rank)
    {
        var factors = TinyDecoder.RowFactors(model, 3, rank);
        var perRow = model.HiddenStates(ids, overlays: Overlays.None.With(factors));
        for (var row = 0; row < 3; row++)
        {
            var shared = Each(factors, f => new SharedLowRank(f.A[row], f.B[row], f.Scaling));
            var dense = Each(factors, f => new DenseDelta(f.B[row].mm(f.A[row]).Times(f.Scaling)));
            var here = ids.narrow(0, row, 1);
            GoldenModel.AssertClose(perRow[row], model.HiddenStates(here, overlays: Overlays.None.With(shared))[0], Close, Close);
            GoldenModel.AssertClose(perRow[row], model.HiddenStates(here, overlays: Overlays.None.With(dense))[0], Close, Close);
        }
    }

    [Fact]
    public void Several_overlays_at_a_site_add_up()
    {
        var factors = TinyDecoder.RowFactors(model, 3);
        var shared = Each(factors, f => new SharedLowRank(f.A[0], f.B[0], 0.3));
        var merged = Each(factors, f => new RowLowRank(
            cat([f.A, f.A[0].expand(3, -1, -1)], 1), cat([f.B.Times(f.Scaling), f.B[0].Times(0.3).expand(3, -1, -1)], 2), 1));

        var both = model.HiddenStates(ids, overlays: Overlays.None.With(factors).With(shared));

        GoldenModel.AssertClose(model.HiddenStates(ids, overlays: Overlays.None.With(merged)), both, Close, Close);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Apply_gives_what_is_added_at_a_site_and_nothing_where_nothing_is(int rank)
    {
        var site = model.Sites[3];
        var x = randn(3, 5, site.InFeatures);
        var row = TinyDecoder.RowFactors(model, 3, rank)[site.Name];
        var here = new Dictionary<string, ISiteOverlay> { [site.Name] = row };

        var twice = Overlays.None.With(here).With(here).Apply(site.Name, x)!;

        GoldenModel.AssertClose(einsum("nti,nri,nor->nto", x, row.A, row.B).Times(2 * row.Scaling), twice, Close, Close);
        Assert.Null(Overlays.None.With(here).Apply(model.Sites[0].Name, x));
    }

    [Fact]
    public void Each_row_can_have_its_own_scaling()
    {
        var factors = TinyDecoder.RowFactors(model, 3);
        var scaling = tensor(new[] { 0f, 0.5f, 1f });
        var scaled = Each(factors, f => new RowLowRank(f.A, f.B, scaling));
        var written = Each(factors, f => new RowLowRank(f.A, f.B * scaling.view(3, 1, 1), 1));

        GoldenModel.AssertClose(model.HiddenStates(ids, overlays: Overlays.None.With(written)),
            model.HiddenStates(ids, overlays: Overlays.None.With(scaled)), Close, Close);
    }

    [Fact]
    public void Selected_rows_keep_their_factors()
    {
        var overlays = Overlays.None.With(TinyDecoder.RowFactors(model, 3));
        var order = tensor(new long[] { 2, 0 });

        GoldenModel.AssertClose(model.HiddenStates(ids, overlays: overlays).index_select(0, order),
            model.HiddenStates(ids.index_select(0, order), overlays: overlays.SelectRows(order)), Close, Close);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Gradients_reach_the_factors_of_all_sites(int rank)
    {
        var factors = TinyDecoder.RowFactors(model, 3, rank);
        foreach (var row in factors.Values)
        {
            row.A.requires_grad = true;
            row.B.requires_grad = true;
        }

        model.HiddenStates(ids, overlays: Overlays.None.With(factors)).Squared().sum().backward();

        Assert.Equal(model.Sites.Count, factors.Count);
        Assert.All(factors.Values, row => Assert.True(row.A.grad!.abs().sum().item<float>() > 0 && row.B.grad!.abs().sum().item<float>() > 0));
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_site()
    {
        var site = model.Sites[2];
        void Refused(string name, ISiteOverlay overlay)
        {
            var overlays = Overlays.None.With(new Dictionary<string, ISiteOverlay> { [name] = overlay });
            Assert.Contains(name, Assert.Throws<DitException>(() => model.HiddenStates(ids, overlays: overlays)).Message);
        }

        Refused("model.layers.9.mlp.up_proj", new DenseDelta(zeros(3, 3)));
        Refused(site.Name, new DenseDelta(zeros(site.InFeatures, site.OutFeatures)));
        Refused(site.Name, new SharedLowRank(zeros(2, site.InFeatures), zeros(site.OutFeatures, 3), 1));
        Refused(site.Name, new RowLowRank(zeros(3, 2, site.InFeatures), zeros(3, 2, site.OutFeatures), 1));
        Refused(site.Name, new RowLowRank(zeros(2, 2, site.InFeatures), zeros(2, site.OutFeatures, 2), 1));
        Refused(site.Name, new RowLowRank(zeros(3, 2, site.InFeatures), zeros(3, site.OutFeatures, 2), zeros(2)));
    }

    private static Dictionary<string, ISiteOverlay> Each(Dictionary<string, RowLowRank> factors, Func<RowLowRank, ISiteOverlay> make) =>
        factors.ToDictionary(f => f.Key, f => make(f.Value));
}
