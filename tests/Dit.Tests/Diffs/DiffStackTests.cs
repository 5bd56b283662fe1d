using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

public sealed class DiffStackTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void Adapters_of_any_rank_scaling_and_layers_keep_their_products_in_a_stack()
    {
        using var scope = NewDisposeScope();
        PeftAdapter[] adapters = [world.Adapter(1, rank: 1, scaling: 0.25), world.Adapter(2, rank: 3, scaling: -2), world.Adapter(3, rank: 2, only: "q_proj")];
        using var stack = DiffStack.Of(adapters);

        Assert.Equal((3, 3), (stack.Count, stack.Rank));
        Assert.Equal(world.Base.Decoder.Sites.Select(site => site.Name).Order(StringComparer.Ordinal), stack.Sites.Keys.Order(StringComparer.Ordinal));
        for (var i = 0; i < adapters.Length; i++)
        {
            foreach (var (site, factors) in stack.Sites)
            {
                var product = factors.B[i].mm(factors.A[i]).Times(stack.Scaling);
                Assert.True(product.allclose(adapters[i].Sites.TryGetValue(site, out var own) ? own.B.mm(own.A).Times(own.Scaling) : zeros_like(product), atol: 1e-6), site);
            }
        }
    }

    [Fact]
    public void Half_precision_is_scaled_in_full()
    {
        using var scope = NewDisposeScope();
        var half = new LowRankFactors(ones(1, 2, dtype: ScalarType.Float16), Arithmetic.Full([3, 1], 60000, ScalarType.Float16), 1.0 / 3 * 10);
        using var stack = DiffStack.Of([new PeftAdapter("", new Dictionary<string, LowRankFactors> { ["s"] = half })]);

        Assert.Equal(60000f / 3 * 10, stack.Sites["s"].B[0, 0, 0].item<float>(), 0.1f);
    }

    [Fact]
    public void Selected_rows_are_copies_in_order_and_minus_one_is_nothing()
    {
        using var scope = NewDisposeScope();
        using var stack = DiffStack.Of([world.Adapter(4), world.Adapter(5)]);
        var before = stack.Sites[TinyWorld.Query].B.clone();
        using var some = stack.Select([1, -1, 1, 0]);

        foreach (var (site, factors) in some.Sites)
        {
            var (a, b) = (stack.Sites[site].A, stack.Sites[site].B);
            Assert.Equal(a.index_select(0, tensor(new long[] { 1, 0, 1, 0 })).data<float>().ToArray(), factors.A.data<float>().ToArray());
            Assert.Equal(new[] { b[1], zeros_like(b[0]), b[1], b[0] }.SelectMany(row => row.data<float>().ToArray()), factors.B.data<float>().ToArray());
            factors.B.zero_();
        }

        Assert.Equal(before.data<float>().ToArray(), stack.Sites[TinyWorld.Query].B.data<float>().ToArray());
    }

    [Fact]
    public void One_diff_of_a_stack_outlives_it()
    {
        using var scope = NewDisposeScope();
        var adapter = world.Adapter(6, scaling: 0.3);
        PeftAdapter one;
        using (var stack = DiffStack.Of([world.Adapter(7), adapter]))
        {
            one = stack.ToPeft(1, "base");
        }

        Assert.Equal("base", one.BaseModelNameOrPath);
        foreach (var (site, factors) in one.Sites)
        {
            Assert.Equal(adapter.Sites[site].A.data<float>().ToArray(), factors.A.data<float>().ToArray());
            Assert.True(factors.B.Times(factors.Scaling).allclose(adapter.Sites[site].B.Times(0.3)));
        }
    }
}
