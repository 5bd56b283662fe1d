using System.Text.Json;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

public sealed class DiffMergeTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    public static TheoryData<int, int, double> Scalings => new()
    {
        { 1, 1, 1 }, { 2, 4, 0.5 }, { 3, 8, 16 / Math.Sqrt(8) }, { 4, 3, -0.25 },
    };

    [Theory]
    [MemberData(nameof(Scalings))]
    public void A_merged_LoRA_gives_the_scores_of_the_added_one(int seed, int rank, double scaling)
    {
        using var scope = NewDisposeScope();
        var adapter = world.Adapter(seed, rank, scaling);
        AssertMergedIsAdded(adapter.Sites);
    }

    [Fact]
    public void So_does_one_with_other_ranks_and_scalings_at_some_of_the_sites_only()
    {
        using var scope = NewDisposeScope();
        var sites = new Dictionary<string, LowRankFactors>(world.Adapter(5, rank: 2, scaling: 2, "q_proj").Sites, StringComparer.Ordinal);
        foreach (var (site, factors) in world.Adapter(6, rank: 5, scaling: 3 / Math.Sqrt(5), "v_proj", "down_proj").Sites)
        {
            sites.Add(site, factors);
        }

        AssertMergedIsAdded(sites);
    }

    [Fact]
    public void Golden_adapters_give_the_golden_scores_once_they_are_merged()
    {
        var cases = GoldenLora.Adapters().ToArray();
        Assert.NotEmpty(cases);
        foreach (var (folder, basis, _) in cases)
        {
            using var scope = NewDisposeScope();
            var expected = GoldenLora.Tensors(Path.Combine(folder, "expected.safetensors"));
            var merged = world.NewFolder();
            DiffMerge.Write(merged, basis, folder, PeftAdapterFolder.Read(folder));
            using var model = Decoder.Load(merged);

            GoldenLora.AssertClose(folder, expected["logits_merged"], model.Logits(model.HiddenStates(expected["input_ids"], expected["attention_mask"])), expected["attention_mask"]);
        }
    }

    [Fact]
    public void A_golden_checkpoint_merged_with_its_base_is_itself()
    {
        foreach (var (folder, basis, _) in GoldenLora.Checkpoints())
        {
            var merged = world.NewFolder();
            using var diff = DenseDiff.Between(folder, basis);
            var report = DiffMerge.Write(merged, diff);

            Assert.Equal(0, report.RelativeError, 1e-6);
            AssertSameWeights(folder, merged);
        }
    }

    [Fact]
    public void The_files_are_those_of_the_base_whose_types_are_kept()
    {
        var merged = world.NewFolder();
        File.WriteAllText(Path.Combine(world.Base.Folder, "README.md"), "# Another model");
        var (report, notes) = FinetuneMerge.Write(merged, world.AdapterFolder(seed: 7), world.Base.Folder);
        using var before = CheckpointFolder.Open(world.Base.Folder);
        using var after = CheckpointFolder.Open(merged);

        Assert.Empty(notes);
        Assert.Equal(14, report.Weights);
        Assert.InRange(report.RelativeError, 1e-6, 0.1);
        Assert.Equal(before.TensorNames.Order(StringComparer.Ordinal), after.TensorNames.Order(StringComparer.Ordinal));
        Assert.All(before.TensorNames, name => Assert.Equal(before.Info(name).Type, after.Info(name).Type));
        Assert.Equal(
            Directory.GetFiles(world.Base.Folder).Select(Path.GetFileName).Where(name => name != "README.md").Order(StringComparer.Ordinal),
            Directory.GetFiles(merged).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var name in Directory.GetFiles(merged).Select(Path.GetFileName).Where(name => !name!.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(world.Base.Folder, name!)), File.ReadAllBytes(Path.Combine(merged, name!)));
        }

        using var file = SafetensorsFile.Open(Path.Combine(merged, "model.safetensors"));
        Assert.Equal("pt", file.Metadata["format"]);
    }

    [Fact]
    public void Shards_of_the_base_are_kept_and_change_nothing()
    {
        using var scope = NewDisposeScope();
        var (whole, parts) = (world.NewFolder(), world.NewFolder());
        var adapter = world.Adapter(seed: 8);
        var sharded = Sharded(world.Base.Folder, 3);
        DiffMerge.Write(whole, world.Base.Folder, "adapter", adapter);
        DiffMerge.Write(parts, sharded, "adapter", adapter);

        AssertSameWeights(whole, parts);
        using var before = CheckpointFolder.Open(sharded);
        using var after = CheckpointFolder.Open(parts);
        Assert.All(before.TensorNames, name => Assert.Equal(before.FileNameOf(name), after.FileNameOf(name)));
        Assert.Equal(4, Directory.GetFiles(parts, "model*").Length);
        var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(parts, "model.safetensors.index.json"))).RootElement;
        Assert.Equal(after.TensorNames.Sum(name => after.Info(name).Length), index.GetProperty("metadata").GetProperty("total_size").GetInt64());
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    public void Another_type_is_that_of_all_weights_and_of_the_settings(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var merged = world.NewFolder();
        DiffMerge.Write(merged, world.Base.Folder, "adapter", world.Adapter(seed: 9), type);
        using var after = CheckpointFolder.Open(merged);

        Assert.All(after.TensorNames, name => Assert.Equal(type, after.Info(name).Type));
        Assert.Contains($"\"torch_dtype\": \"{type.ToString().ToLowerInvariant()}\"", File.ReadAllText(Path.Combine(merged, "config.json")), StringComparison.Ordinal);
        using var model = BaseModel.Load(merged);
    }

    [Fact]
    public void Numbers_are_rounded_once()
    {
        using var scope = NewDisposeScope();
        var merged = world.NewFolder();
        var adapter = world.Adapter(seed: 10, rank: 3, scaling: 0.3);
        DiffMerge.Write(merged, world.Base.Folder, "adapter", adapter);
        using var after = CheckpointFolder.Open(merged);
        using var before = CheckpointFolder.Open(world.Base.Folder);
        foreach (var (site, factors) in adapter.Sites)
        {
            var name = site + ".weight";
            var sum = before.Load(name, ScalarType.Float64).Plus(factors.B.to(ScalarType.Float64).mm(factors.A.to(ScalarType.Float64)).Times(factors.Scaling));
            Assert.Equal(0, (sum.to(before.Info(name).Type) - after.Load(name)).abs().max().to(ScalarType.Float32).item<float>());
        }
    }

    [Fact]
    public void A_tied_head_stays_tied_even_where_the_file_holds_it_once_more()
    {
        using var scope = NewDisposeScope();
        var merged = world.NewFolder();
        var twice = world.CheckpointFolder(weights => weights["lm_head.weight"] = weights["model.embed_tokens.weight"].clone());
        using var diff = DenseDiff.Between(world.CheckpointFolder(weights => weights["model.embed_tokens.weight"].Times_(2)), twice);
        DiffMerge.Write(merged, diff);
        using var after = CheckpointFolder.Open(merged);

        Assert.True(after.Load("lm_head.weight").allclose(after.Load("model.embed_tokens.weight"), 0, 0));
        Assert.True(after.Load("lm_head.weight").allclose(world.Base.Decoder.Weights["model.embed_tokens.weight"].Times(2)));
    }

    [Fact]
    public void Rows_that_only_one_of_both_has_are_the_base_s()
    {
        using var scope = NewDisposeScope();
        var (more, fewer) = (world.NewFolder(), world.NewFolder());
        var roomy = DenseDiffTests.Resized(world, 300, (embedding, rows) => cat([embedding, ones(rows - embedding.shape[0], 32)]));
        var doubled = DenseDiffTests.Resized(world, 290, (embedding, _) => embedding.Times(2));
        FinetuneMerge.Write(fewer, doubled, roomy);
        var (_, notes) = FinetuneMerge.Write(more, DenseDiffTests.Resized(world, 300, (embedding, _) => cat([embedding.Times(3), ones(10, 32)])), world.Base.Folder, ScalarType.Float32);
        using var kept = CheckpointFolder.Open(fewer);
        using var cut = CheckpointFolder.Open(more);
        var embedding = world.Base.Decoder.Weights["model.embed_tokens.weight"];

        Assert.True(kept.Load("model.embed_tokens.weight").allclose(cat([embedding.Times(2), ones(10, 32)])));
        Assert.True(cut.Load("model.embed_tokens.weight").allclose(embedding.Times(3)));
        Assert.Single(notes);
    }

    [Theory]
    [InlineData("language_model.model.", "language_model.lm_head.")]
    [InlineData("model.language_model.", "lm_head.")]
    public void In_a_multimodal_folder_names_and_the_image_part_stay_as_they_are(string model, string head)
    {
        using var scope = NewDisposeScope();
        var text = GoldenFolder.Cases("models").FirstOrDefault(folder => GoldenLora.IsSupported(folder) && ModelConfig.Read(folder).ModelType == "gemma3_text");
        Assert.SkipWhen(text is null, "No golden model of a family that has multimodal folders.");
        var (folder, merged, alone) = (world.NewFolder(), world.NewFolder(), world.NewFolder());
        var config = File.ReadAllText(Path.Combine(text, "config.json"));
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""{"model_type": "gemma3", "torch_dtype": "float32", "text_config": {{config}}, "vision_config": {"dtype": "float32"} }""");
        var weights = GoldenLora.Tensors(Path.Combine(text, "model.safetensors")).ToDictionary(
            weight => weight.Key.StartsWith("lm_head.", StringComparison.Ordinal) ? head + weight.Key["lm_head.".Length..] : model + weight.Key["model.".Length..], weight => weight.Value);
        weights["vision_tower.patch.weight"] = rand(4, 3);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), weights);

        using (var files = WeightFiles.Open(text))
        {
            var factors = new PeftAdapter("", files.Sites.ToDictionary(site => site.Name, site => new LowRankFactors(rand(2, site.InFeatures), rand(site.OutFeatures, 2), 0.01)));
            DiffMerge.Write(merged, folder, "adapter", factors, ScalarType.BFloat16);
            DiffMerge.Write(alone, text, "adapter", factors, ScalarType.BFloat16);
        }

        var (written, expected) = (GoldenLora.Tensors(Path.Combine(merged, "model.safetensors")), GoldenLora.Tensors(Path.Combine(alone, "model.safetensors")));
        Assert.Equal(weights.Keys.Order(StringComparer.Ordinal), written.Keys.Order(StringComparer.Ordinal));
        Assert.True(written["vision_tower.patch.weight"].allclose(weights["vision_tower.patch.weight"].to(ScalarType.BFloat16), 0, 0));
        Assert.All(expected, weight => Assert.True(written[weights.Keys.Single(name => WeightNames.Canonical(name) == weight.Key)].allclose(weight.Value, 0, 0), weight.Key));
        Assert.DoesNotContain("float32", File.ReadAllText(Path.Combine(merged, "config.json")), StringComparison.Ordinal);
        using var diff = DenseDiff.Between(merged, folder);
        Assert.Equal(expected.Keys.Count(name => name.EndsWith("proj.weight", StringComparison.Ordinal)), diff.ChangedSites.Count);
    }

    [Fact]
    public void A_head_of_its_own_is_refused() =>
        Refused(target => FinetuneMerge.Write(target, DenseDiffTests.Untied(world, 0.5), world.Base.Folder), "output head", "config.json");

    [Fact]
    public void A_diff_that_rounding_swallows_is_refused()
    {
        using var scope = NewDisposeScope();
        var small = world.AdapterFolder(11, scaling: 1e-12);
        Refused(target => FinetuneMerge.Write(target, small, world.Base.Folder), small, "lost", "bfloat16", "none of");

        var (report, _) = FinetuneMerge.Write(world.NewFolder(), world.AdapterFolder(11, scaling: 1e-5), world.Base.Folder);
        Assert.InRange(report.RelativeError, 0.5, 1.1);
        (report, _) = FinetuneMerge.Write(world.NewFolder(), world.AdapterFolder(11, scaling: 1e-5), world.Base.Folder, ScalarType.Float32);
        Assert.InRange(report.RelativeError, 0, 0.01);
    }

    [Fact]
    public void Numbers_too_large_for_the_type_are_refused()
    {
        var large = world.AdapterFolder(12, scaling: 1e6);
        Refused(target => FinetuneMerge.Write(target, large, world.Base.Folder, ScalarType.Float16), large, "float16", ".weight");
    }

    [Fact]
    public void What_changes_nothing_is_refused() =>
        Refused(target => FinetuneMerge.Write(target, world.CheckpointFolder(_ => { }), world.Base.Folder), "touches no layer");

    [Fact]
    public void An_adapter_of_other_layers_is_refused()
    {
        using var scope = NewDisposeScope();
        var adapter = new PeftAdapter("", world.Adapter(13).Sites.ToDictionary(site => site.Key.Replace("layers.1", "layers.7", StringComparison.Ordinal), site => site.Value));
        Refused(target => DiffMerge.Write(target, world.Base.Folder, "some adapter", adapter), "some adapter", "7 of 14", "model.layers.7");
    }

    [Fact]
    public void An_adapter_needs_no_tokenizer_of_the_base()
    {
        var (copy, merged) = (world.NewFolder(), world.File("without-tokenizer"));
        foreach (var name in (string[])["config.json", "model.safetensors"])
        {
            File.Copy(Path.Combine(world.Base.Folder, name), Path.Combine(copy, name));
        }

        FinetuneMerge.Write(merged, world.AdapterFolder(seed: 90), copy);

        Assert.True(File.Exists(Path.Combine(merged, "model.safetensors")));
    }

    [Fact]
    public void A_folder_with_files_in_it_is_left_alone()
    {
        var target = world.NewFolder();
        File.WriteAllText(Path.Combine(target, "letter.txt"), "Dear aunt,");
        var error = Assert.Throws<DitException>(() => FinetuneMerge.Write(target, world.AdapterFolder(14), world.Base.Folder));

        Assert.Contains(target, error.Message, StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFileSystemEntries(target));
    }

    private void AssertMergedIsAdded(IReadOnlyDictionary<string, LowRankFactors> sites)
    {
        var (folder, merged) = (world.NewFolder(), world.NewFolder());
        PeftAdapterFolder.Write(folder, new PeftAdapter("", sites));
        FinetuneMerge.Write(merged, folder, world.Base.Folder, ScalarType.Float32);
        using var whole = Decoder.Load(merged);
        var added = Overlays.None.With(sites.ToDictionary(site => site.Key, site => (ISiteOverlay)new SharedLowRank(site.Value.A, site.Value.B, site.Value.Scaling)));
        var ids = Arithmetic.Range(42).Times(7).unsqueeze(0);
        var (expected, found) = (Scores(world.Base.Decoder, added), Scores(whole, Overlays.None));

        Assert.True(found.allclose(expected, rtol: 1e-4, atol: 1e-4), $"They differ by {(found - expected).abs().max().item<float>()}.");
        Assert.False(found.allclose(Scores(world.Base.Decoder, Overlays.None), rtol: 1e-3, atol: 1e-2));

        Tensor Scores(Decoder model, Overlays overlays) => model.Logits(model.HiddenStates(ids, overlays: overlays));
    }

    private static void AssertSameWeights(string expected, string found)
    {
        using var scope = NewDisposeScope();
        using var before = CheckpointFolder.Open(expected);
        using var after = CheckpointFolder.Open(found);
        Assert.Equal(before.TensorNames.Order(StringComparer.Ordinal), after.TensorNames.Order(StringComparer.Ordinal));
        Assert.All(before.TensorNames, name => Assert.True(before.Load(name).allclose(after.Load(name), 0, 0), name));
    }

    private string Sharded(string folder, int count)
    {
        using var scope = NewDisposeScope();
        using var model = CheckpointFolder.Open(folder);
        var target = world.NewFolder();
        foreach (var file in Directory.GetFiles(folder, "*.json"))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        string ShardOf(int i) => $"model-{(i % count) + 1:00000}-of-{count:00000}.safetensors";
        var places = model.TensorNames.Order(StringComparer.Ordinal).Select((name, i) => (Name: name, Shard: ShardOf(i))).ToArray();
        foreach (var shard in places.GroupBy(place => place.Shard))
        {
            SafetensorsWriter.Write(Path.Combine(target, shard.Key), shard.Select(place => KeyValuePair.Create(place.Name, model.Load(place.Name))));
        }

        var map = places.ToDictionary(place => place.Name, place => place.Shard);
        File.WriteAllText(Path.Combine(target, "model.safetensors.index.json"), JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = map }));
        return target;
    }

    private void Refused(Action<string> write, params string[] parts)
    {
        var target = world.File(Guid.NewGuid().ToString("N"));
        var error = Assert.Throws<DitException>(() => write(target));
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(target)!, Path.GetFileName(target) + "*"));
    }
}
