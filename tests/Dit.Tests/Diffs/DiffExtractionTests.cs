using System.Text.Json;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Training.Pretraining;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

public sealed class DiffExtractionTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void At_full_rank_it_is_the_difference_itself(int seed)
    {
        using var scope = NewDisposeScope();
        var (checkpoint, folder) = (Drifted(seed), world.NewFolder());
        using var diff = DenseDiff.Between(checkpoint, world.Base.Folder);
        var report = DiffExtraction.Write(folder, diff, rank: null);
        using var extracted = (LowRankFinetune)Finetune.Load(folder, world.Base);
        using var whole = Decoder.Load(checkpoint);

        Assert.Equal(diff.ChangedSites, report.Sites.Select(site => site.Site));
        foreach (var (site, factors) in extracted.Adapter.Sites)
        {
            var delta = diff.Delta(site);
            Assert.Equal(Math.Min(delta.shape[0], delta.shape[1]), factors.A.shape[0]);
            Assert.True(factors.B.mm(factors.A).Times(factors.Scaling).allclose(delta, rtol: 0, atol: 1e-6 * delta.norm().item<float>()), site);
        }

        Assert.Equal(1, report.KeptEnergy, 1e-9);
        var added = Overlays.None.With(extracted.Adapter.Sites.ToDictionary(site => site.Key, site => (ISiteOverlay)new SharedLowRank(site.Value.A, site.Value.B, site.Value.Scaling)));
        var ids = Arithmetic.Range(42).Times(7).unsqueeze(0);
        var (expected, found) = (whole.Logits(whole.HiddenStates(ids)), world.Base.Decoder.Logits(world.Base.Decoder.HiddenStates(ids, overlays: added)));
        Assert.True(found.allclose(expected, rtol: 1e-4, atol: 1e-4), $"They differ by {(found - expected).abs().max().item<float>()}.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(20)]
    public void The_kept_energy_is_what_the_factors_hold(int rank)
    {
        using var scope = NewDisposeScope();
        var folder = world.NewFolder();
        using var diff = DenseDiff.Between(Drifted(seed: 3), world.Base.Folder);
        var report = DiffExtraction.Write(folder, diff, rank);
        var adapter = PeftAdapterFolder.Read(folder);
        var (lost, all) = (0.0, 0.0);
        foreach (var site in report.Sites)
        {
            var (delta, factors) = (diff.Delta(site.Site), adapter.Sites[site.Site]);
            var values = linalg.svdvals(delta).Squared();
            var (missing, energy) = ((delta - factors.B.mm(factors.A).Times(factors.Scaling)).Squared().sum().item<float>(), delta.Squared().sum().item<float>());
            Assert.Equal(Math.Min(rank, Math.Min(delta.shape[0], delta.shape[1])), site.Rank);
            Assert.Equal(1 - (missing / energy), site.KeptEnergy, 1e-5);
            Assert.Equal(values.narrow(0, 0, site.Rank).sum().item<float>() / energy, site.KeptEnergy, 1e-5);
            Assert.True(factors.A.norm(1, p: 2).allclose(factors.B.norm(0, p: 2), rtol: 1e-3, atol: 1e-5), "The factors are not balanced.");
            (lost, all) = (lost + missing, all + energy);
        }

        Assert.Equal(1 - (lost / all), report.KeptEnergy, 1e-5);
        Assert.Equal(Math.Sqrt(all), report.Norm, 1e-3);
    }

    [Fact]
    public void A_merged_adapter_is_found_again_at_its_rank()
    {
        using var scope = NewDisposeScope();
        var folder = world.NewFolder();
        var adapter = world.Adapter(seed: 4, rank: 2, scaling: 0.5, "q_proj", "up_proj");
        using var diff = DenseDiff.Between(world.MergedFolder(adapter), world.Base.Folder);
        var report = DiffExtraction.Write(folder, diff, rank: 2);
        var found = PeftAdapterFolder.Read(folder);

        Assert.Equal(adapter.Sites.Keys.Order(StringComparer.Ordinal), found.Sites.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(1, report.KeptEnergy, 1e-6);
        Assert.Empty(report.LeftOut);
        Assert.Equal(0, report.LeftOutEnergy);
        foreach (var (site, factors) in adapter.Sites)
        {
            var (expected, product) = (factors.B.mm(factors.A).Times(factors.Scaling), found.Sites[site].B.mm(found.Sites[site].A).Times(found.Sites[site].Scaling));
            Assert.True(product.allclose(expected, rtol: 0, atol: 1e-4), site);
        }
    }

    [Fact]
    public void What_a_LoRA_cannot_hold_is_named_in_the_report()
    {
        using var scope = NewDisposeScope();
        var folder = world.NewFolder();
        using var diff = DenseDiff.Between(world.CheckpointFolder(weights =>
        {
            weights[TinyWorld.Query + ".weight"].Plus_(1);
            weights["model.norm.weight"].Plus_(0.5);
            weights["model.embed_tokens.weight"].Times_(1.25);
        }), world.Base.Folder);
        var report = DiffExtraction.Write(folder, diff, rank: 1);
        var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, ExtractionReport.FileName))).RootElement;

        Assert.Equal([TinyWorld.Query], report.Sites.Select(site => site.Site));
        Assert.Equal(["model.embed_tokens.weight", "model.norm.weight"], report.LeftOut.Select(weight => weight.Weight).Order(StringComparer.Ordinal));
        Assert.Equal(0.25, report.LeftOut.Single(weight => weight.Weight == "model.embed_tokens.weight").RelativeNorm!.Value, 1e-6);
        Assert.Equal(0.5, report.LeftOut.Single(weight => weight.Weight == "model.norm.weight").RelativeNorm!.Value, 1e-6);
        var outside = report.LeftOut.Sum(weight => weight.Norm * weight.Norm);
        Assert.Equal(outside / (outside + (32 * 32)), report.LeftOutEnergy, 1e-4);
        Assert.Equal(report.KeptEnergy, json.GetProperty("kept_energy").GetDouble());
        Assert.Equal(report.LeftOutEnergy, json.GetProperty("left_out_energy").GetDouble());
        Assert.Equal(world.Base.Fingerprint, json.GetProperty("base_fingerprint").GetString());
        Assert.Equal(2, json.GetProperty("left_out").GetArrayLength());
        Assert.Equal(world.Base.Fingerprint, DiffCard.Read(folder)!.BaseFingerprint);
    }

    [Fact]
    public void Without_a_change_in_the_linear_layers_there_is_nothing_to_extract()
    {
        Refused(world.CheckpointFolder(weights => weights["model.norm.weight"].Times_(2)), "only others", "model.norm.weight");
        Refused(world.CheckpointFolder(_ => { }), "touches no layer");
    }

    [Fact]
    public void Golden_checkpoints_at_full_rank_are_their_differences()
    {
        foreach (var (checkpoint, basis, _) in GoldenLora.Checkpoints())
        {
            using var scope = NewDisposeScope();
            var folder = world.NewFolder();
            using var diff = DenseDiff.Between(checkpoint, basis);
            var report = DiffExtraction.Write(folder, diff, rank: null);
            var adapter = PeftAdapterFolder.Read(folder);

            Assert.Equal(1, report.KeptEnergy, 1e-9);
            foreach (var (site, factors) in adapter.Sites)
            {
                var delta = diff.Delta(site);
                Assert.True(factors.B.mm(factors.A).Times(factors.Scaling).allclose(delta, rtol: 0, atol: 1e-6 * delta.norm().item<float>()), site);
            }
        }
    }

    [Fact]
    public void Large_layers_are_extracted_by_random_projection_which_misses_next_to_nothing()
    {
        using var scope = NewDisposeScope();
        var wide = TinyWorld.Settings with { Width = 640, Layers = 1, FeedForward = 560, HeadSize = 300, VocabularySize = 290 };
        var (basis, checkpoint) = (world.File("wide"), world.NewFolder());
        using (var model = TinyWorld.Draw(basis, wide))
        {
            foreach (var file in Directory.GetFiles(basis, "*.json"))
            {
                File.Copy(file, Path.Combine(checkpoint, Path.GetFileName(file)));
            }

            // A spectrum that falls slowly is the hard case.
            var weights = model.Decoder.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.clone(), StringComparer.Ordinal);
            weights["model.layers.0.mlp.up_proj.weight"].Plus_(TinyWorld.Random("slow", 1, 560, 640).mul(Arithmetic.Range(1, 641).to(ScalarType.Float32).rsqrt()));
            SafetensorsWriter.Write(Path.Combine(checkpoint, "model.safetensors"), weights);
        }

        using var diff = DenseDiff.Between(checkpoint, basis);
        var (first, second, other) = (world.NewFolder(), world.NewFolder(), world.NewFolder());
        var report = DiffExtraction.Write(first, diff, rank: 8);
        DiffExtraction.Write(second, diff, rank: 8);
        DiffExtraction.Write(other, diff, rank: 8, seed: 2);
        var delta = diff.Delta("model.layers.0.mlp.up_proj");
        var factors = Assert.Single(PeftAdapterFolder.Read(first).Sites).Value;
        var best = linalg.svdvals(delta.to(ScalarType.Float64)).Squared();
        var optimum = (best.narrow(0, 0, 8).sum() / best.sum()).item<double>();

        Assert.InRange(report.KeptEnergy, 0.99 * optimum, optimum + 1e-6);
        Assert.Equal(1 - ((delta - factors.B.mm(factors.A)).Squared().sum() / delta.Squared().sum()).item<float>(), report.KeptEnergy, 1e-4);
        Assert.Equal(Bytes(first), Bytes(second));
        Assert.NotEqual(Bytes(first), Bytes(other));

        static byte[] Bytes(string folder) => File.ReadAllBytes(Path.Combine(folder, "adapter_model.safetensors"));
    }

    /// <summary>A checkpoint with every linear layer changed, some of them in every direction.</summary>
    private string Drifted(int seed) => world.CheckpointFolder(weights =>
    {
        foreach (var site in world.Base.Decoder.Sites.Where(site => !site.Name.EndsWith("k_proj", StringComparison.Ordinal)))
        {
            weights[site.Name + ".weight"].Plus_(TinyWorld.Random($"{seed}/{site.Name}", 0.05, site.OutFeatures, site.InFeatures));
        }
    });

    private void Refused(string checkpoint, params string[] parts)
    {
        var target = world.File(Guid.NewGuid().ToString("N"));
        using var diff = DenseDiff.Between(checkpoint, world.Base.Folder);
        var error = Assert.Throws<DitException>(() => DiffExtraction.Write(target, diff, rank: 4));
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.False(Directory.Exists(target));
    }
}
