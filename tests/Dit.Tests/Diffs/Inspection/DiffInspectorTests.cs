using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs.Inspection;

public sealed class DiffInspectorTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void Every_site_of_an_adapter_is_measured_as_its_dense_change_would_be()
    {
        using var scope = NewDisposeScope();
        var adapter = world.Adapter(1, rank: 3, scaling: -0.25);
        using var model = InspectionBase.Open(world.Base.Folder);
        var inspection = DiffInspector.OfFactors("x", "PEFT adapter", adapter, model);

        Assert.Equal(world.Base.Decoder.Sites.Count, inspection.Sites.Count);
        foreach (var site in inspection.Sites)
        {
            var delta = adapter.Sites[site.Site].B.mm(adapter.Sites[site.Site].A).Times(-0.25);
            Assert.Equal(delta.norm().item<float>(), site.Norm, 1e-4);
            Assert.Equal(linalg.svdvals(delta)[0].item<float>(), site.Spectrum!.Largest, 1e-4);
            Assert.Equal(world.Base.Decoder.Weights[site.Site + ".weight"].norm().item<float>(), site.BaseNorm!.Value, 1e-3);
            Assert.Equal((3, 3), (site.Rank, site.Spectrum.NumericalRank));
        }

        Assert.Equal(Math.Sqrt(inspection.Sites.Sum(site => site.Norm * site.Norm)), inspection.Norm, 1e-9);
        Assert.True(inspection.Spread!.IsBroad);
        Assert.StartsWith("broad: ", SpreadSentence.Of(inspection), StringComparison.Ordinal);
        Assert.True(inspection.IsUsable);
        Assert.Equal((2, "q k v o gate up down"), (inspection.Layers.Count, string.Join(' ', inspection.Kinds)));
    }

    [Theory]
    [InlineData(33_000, 1)]
    [InlineData(200, 200)]
    public void Names_that_ask_for_more_places_than_a_decoder_has_are_refused(int count, int kinds)
    {
        using var scope = NewDisposeScope();
        var factors = new LowRankFactors(ones(1, 1), ones(1, 1), 1);
        var adapter = new PeftAdapter("", Enumerable.Range(0, count).ToDictionary(i => $"model.layers.{i}.mlp.kind{i % kinds}_proj", _ => factors));

        var error = Assert.Throws<DitException>(() => DiffInspector.OfFactors("hostile", "PEFT adapter", adapter, model: null));

        Assert.StartsWith("hostile: expected the linear layers of a decoder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_is_measured_as_the_adapter_it_was_merged_from()
    {
        using var scope = NewDisposeScope();
        var adapter = world.Adapter(2, rank: 2, scaling: 0.5, "q_proj", "down_proj");
        var folder = world.CheckpointFolder(weights =>
        {
            foreach (var (site, factors) in adapter.Sites)
            {
                weights[site + ".weight"].Plus_(factors.B.mm(factors.A), factors.Scaling);
            }

            weights["model.norm.weight"].Plus_(0.5);
        });
        using var model = InspectionBase.Open(world.Base.Folder);
        var inspection = DiffInspector.OfCheckpoint(folder, model);
        var expected = DiffInspector.OfFactors("x", "x", adapter, model);

        Assert.Equal(expected.Sites.Select(site => site.Site), inspection.Sites.Select(site => site.Site));
        foreach (var (found, site) in inspection.Sites.Zip(expected.Sites))
        {
            Assert.Equal(site.Norm, found.Norm, site.Norm * 1e-3);
            Assert.Equal(site.Spectrum!.StableRank, found.Spectrum!.StableRank, 1e-2);
            Assert.Equal(site.TopRowShare, found.TopRowShare, 1e-3);
            Assert.Equal(site.TopColumnShare, found.TopColumnShare, 1e-3);
            Assert.Null(found.Rank);
        }

        Assert.Equal(["model.norm.weight"], inspection.ChangedElsewhere);
        Assert.Contains(inspection.Findings, finding => finding.Sentence.Contains("no linear layer: model.norm.weight", StringComparison.Ordinal));
    }

    [Fact]
    public void A_wide_dense_change_is_sized_without_decomposing_it()
    {
        using var scope = NewDisposeScope();
        var delta = TinyWorld.Random("u", 1, 600, 2).mm(TinyWorld.Random("v", 1, 2, 700));
        var site = SiteMeasure.Of("model.layers.0.mlp.up_proj", delta, ScalarType.Float32, baseNorm: null);
        Assert.Equal(linalg.svdvals(delta)[0].item<float>(), site.Spectrum!.Largest, site.Spectrum.Largest * 1e-3);
        Assert.Null(site.Spectrum.EffectiveRank);
    }

    [Fact]
    public void A_focused_edit_is_told_with_its_place()
    {
        using var scope = NewDisposeScope();
        var adapter = world.Adapter(3);
        foreach (var (site, factors) in adapter.Sites)
        {
            factors.B.Times_(site == TinyWorld.Down ? 10 : 0.01);
        }

        Assert.Equal(
            "focused: 90 % of the change sits in 1 of 14 linear layers (down of layer 1)", SpreadSentence.Of(DiffInspector.OfFactors("x", "x", adapter, model: null)));
    }

    [Fact]
    public void A_set_is_inspected_diff_by_diff()
    {
        using var model = InspectionBase.Open(world.Base.Folder);
        var set = DiffSet.Open(world.SetFolder(40, [2, 3]));
        var inspection = FinetuneInspection.ReadSet(set.FolderPath, model)!;
        Assert.Equal(set.Records.Select(record => record.Id), inspection.Diffs.Select(diff => diff.Diff.Id));
        var one = FinetuneInspection.Read($"{set.FolderPath}#topic-3", model);
        var same = inspection.Diffs[3].Inspection;
        Assert.Equal(one.Sites.Select(site => site.Norm), same.Sites.Select(site => site.Norm));
        Assert.Equal(one.RelativeNorm, same.RelativeNorm);
        Assert.Equal(inspection.Diffs.Average(diff => diff.Inspection.Sites[5].Norm), inspection.Mean.Sites[5].Norm, 1e-9);
    }
}
