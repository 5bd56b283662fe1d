using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>Whatever is not a finetune of the base is refused in one sentence that begins with what the user named.</summary>
public sealed class FinetuneRefusalTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void A_folder_that_is_missing_a_file_or_empty()
    {
        var file = world.File("a-file");
        File.WriteAllText(file, "");
        var strange = world.NewFolder();
        File.WriteAllText(Path.Combine(strange, "README.md"), "");

        AssertRefused(world.File("nowhere"), world.File("nowhere"), "no such folder");
        AssertRefused(world.File("nowhere#id"), world.File("nowhere"), "no such folder");
        AssertRefused("", "no such folder");
        AssertRefused("#", "no such folder");
        AssertRefused(file, file, "a file of another kind");
        AssertRefused(world.NewFolder(), "adapter_config.json", "index.csv", "config.json", "an empty folder");
        AssertRefused(strange, strange, "none of these files");
    }

    [Fact]
    public void A_folder_with_two_finetunes()
    {
        var folder = world.AdapterFolder(seed: 1);
        File.Copy(Path.Combine(world.Base.Folder, "model.safetensors"), Path.Combine(folder, "model.safetensors"));

        AssertRefused(folder, folder, "adapter_config.json", "model.safetensors");
    }

    [Fact]
    public void A_diff_of_something_that_is_no_set()
    {
        var folder = world.AdapterFolder(seed: 1);

        AssertRefused(folder + "#topic-0", folder, "expected a diff set", "PEFT adapter");
        AssertRefused(world.Base.Folder + "#topic-0", world.Base.Folder, "expected a diff set", "checkpoint");
    }

    [Fact]
    public void A_set_without_an_id_or_with_an_unknown_one()
    {
        var folder = world.SetFolder(seed: 2, shards: [3]);

        AssertRefused(folder, folder, "append #ID", folder + "#topic-0", folder + "#topic-1");
        AssertRefused(folder + "#", folder, "append #ID");
        AssertRefused(folder + "#boxing-9", folder, "boxing-9", "3 others", "topic-0, topic-1");
    }

    [Fact]
    public void A_diff_made_for_another_base()
    {
        const string Other = "00112233445566778899aabbccddeeff";
        var set = world.SetFolder(seed: 3, shards: [2], fingerprint: Other);
        var export = world.NewFolder();
        DiffExport.Write(export, DiffSet.Open(set), "topic-1");

        AssertRefused(set + "#topic-1", set, "another base", Other, world.Base.Fingerprint);
        AssertRefused(export, export, "another base", Other, world.Base.Fingerprint);
    }

    [Fact]
    public void An_adapter_for_layers_of_which_the_base_has_none_or_only_some()
    {
        var none = Renamed(site => site.Replace("model.layers", "transformer.h", StringComparison.Ordinal));
        var some = Renamed(site => site.Replace("layers.1.", "layers.9.", StringComparison.Ordinal));
        var head = Renamed(site => site == TinyWorld.Query ? "model.other_head" : site);

        AssertRefused(none, none, "14 of 14", "transformer.h.0.", "and 11 more");
        AssertRefused(some, some, "7 of 14", "model.layers.9.mlp.down_proj", "and 4 more");
        AssertRefused(head, head, "1 of 14", "model.other_head");
    }

    [Fact]
    public void An_adapter_of_other_shapes()
    {
        var wide = Changed((site, factors) => site == TinyWorld.Query ? factors with { A = zeros(2, 33) } : factors);
        var tall = Changed((site, factors) => site.EndsWith("down_proj", StringComparison.Ordinal) ? factors with { B = zeros(48, 2) } : factors);

        AssertRefused(wide, wide, "1 of 14", TinyWorld.Query, "A [2, 33]", "A [r, 32]");
        AssertRefused(tall, tall, "2 of 14", TinyWorld.Down, "B [48, 2]", "B [32, r]");
    }

    [Fact]
    public void Factors_of_the_output_head()
    {
        var file = world.File("head.pt");
        using (NewDisposeScope())
        {
            Models.Checkpoints.Reference.WeightDiffWriter.Write(file, [(new PeftAdapter("", new Dictionary<string, LowRankFactors> { ["lm_head"] = new(ones(1, 32), ones(290, 1), 1) }), null, null)]);
        }

        AssertRefused(file, file, "inside the decoder", "output head lm_head");
    }

    [Fact]
    public void A_diff_that_changes_nothing()
    {
        var untrained = Changed((_, factors) => factors with { B = factors.B.Times(0) });
        var unscaled = Changed((_, factors) => factors with { Scaling = 0 });
        var same = world.CheckpointFolder(_ => { });

        AssertRefused(untrained, untrained, "touches no layer", "factors are zero at all 14 sites");
        AssertRefused(unscaled, unscaled, "touches no layer", "scaling is zero (lora_alpha 0) at all 14 sites");
        AssertRefused(same, same, "touches no layer");
        AssertRefused(world.Base.Folder, world.Base.Folder, "touches no layer");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Numbers_that_are_none(float strange)
    {
        var adapter = Changed((site, factors) => site == TinyWorld.Query ? factors with { A = Filled(factors.A.clone()) } : factors);
        var checkpoint = world.CheckpointFolder(weights => weights["model.norm.weight"][3].Fill_(strange));

        AssertRefused(adapter, adapter, "finite", "1 of 14", TinyWorld.Query);
        AssertRefused(checkpoint, checkpoint, "finite", "model.norm.weight");

        Tensor Filled(Tensor weight)
        {
            weight.select(1, 3).Fill_(strange);
            return weight;
        }
    }

    [Fact]
    public void A_file_that_is_cut_off()
    {
        var adapter = world.AdapterFolder(seed: 5);
        var checkpoint = world.CheckpointFolder(weights => weights["model.norm.weight"].Times_(2));
        var set = world.SetFolder(seed: 5, shards: [1]);
        CutOff(Path.Combine(adapter, "adapter_model.safetensors"));
        CutOff(Path.Combine(checkpoint, "model.safetensors"));
        CutOff(DiffSet.ShardPath(set, 0));

        AssertRefused(adapter, "adapter_model.safetensors");
        AssertRefused(checkpoint, "model.safetensors");
        AssertRefused(set, "shard-00000.safetensors");
    }

    [Fact]
    public void Half_of_a_folder()
    {
        AssertRefused(Without(world.AdapterFolder(seed: 6), "adapter_config.json"), "adapter_config.json");
        AssertRefused(Without(world.AdapterFolder(seed: 6), "adapter_model.safetensors"), "adapter_model.safetensors");
        AssertRefused(Without(world.CheckpointFolder(_ => { }), "config.json"), "config.json");
        AssertRefused(Without(world.CheckpointFolder(_ => { }), "model.safetensors"), "model.safetensors");
        AssertRefused(Without(world.SetFolder(seed: 6, shards: [1]), "run.json"), "run.json");
        AssertRefused(Without(world.SetFolder(seed: 6, shards: [1]), "index.csv"), "index.csv");
        AssertRefused(Without(world.SetFolder(seed: 6, shards: [1]), "shard-00000.safetensors"), "shard-00000.safetensors");
    }

    [Fact]
    public void A_checkpoint_of_another_architecture()
    {
        var (wide, deep) = (world.File("wide"), world.File("deep"));
        TinyWorld.Draw(wide, TinyWorld.Settings with { Width = 48, Heads = 3, VocabularySize = 300 }).Dispose();
        TinyWorld.Draw(deep, TinyWorld.Settings with { Layers = 3 }).Dispose();

        AssertRefused(wide, wide, "hidden_size 48 instead of 32", "num_attention_heads 3 instead of 2");
        AssertRefused(deep, deep, "num_hidden_layers 3 instead of 2");
    }

    [Fact]
    public void A_checkpoint_whose_weights_are_not_what_its_config_says()
    {
        var shape = world.CheckpointFolder(weights => weights["model.norm.weight"] = ones(31));
        var missing = world.CheckpointFolder(weights => weights.Remove("model.norm.weight"));
        var more = world.CheckpointFolder(weights => weights["model.layers.0.self_attn.q_proj.bias"] = ones(32));

        AssertRefused(shape, shape, "model.norm.weight", "[32]", "[31]");
        AssertRefused(missing, missing, "model.norm.weight");
        AssertRefused(more, more, "model.layers.0.self_attn.q_proj.bias");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"version\": \"1\", \"base_fingerprint\": \"x\"}")]
    [InlineData("{\"version\": 1}")]
    [InlineData("{\"version\": 1.5, \"base_fingerprint\": \"x\"}")]
    [InlineData("{\"version\": 1, \"base_fingerprint\": null}")]
    [InlineData("{\"version\": 1, \"base_fingerprint\": \"x\", \"topics\": \"misspelt\"}")]
    [InlineData("{\"version\": 2, \"base_fingerprint\": \"x\", \"later\": {}}")]
    [InlineData("{\"version\": 1, \"base_fingerprint\": \"\\ud800\"}")]
    public void A_card_that_is_damaged_or_of_another_version(string card)
    {
        var folder = world.AdapterFolder(seed: 7);
        File.WriteAllText(Path.Combine(folder, DiffCard.FileName), card);

        AssertRefused(folder, DiffCard.FileName);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"settings\": 5}")]
    [InlineData("{\"settings\": {\"BaseFingerprint\": 5}}")]
    [InlineData("{\"settings\": {\"BaseFingerprint\": \"\"}}")]
    public void A_set_that_does_not_say_for_which_base_it_was_made(string run)
    {
        var folder = world.SetFolder(seed: 8, shards: [1]);
        File.WriteAllText(Path.Combine(folder, "run.json"), run);

        AssertRefused(folder, "run.json");
    }

    private void AssertRefused(string source, params string[] parts)
    {
        var before = Directory.Exists(source) ? Directory.GetFiles(source).Length : 0;
        var error = Assert.Throws<DitException>(() => Finetune.Load(source, world.Base).Dispose());
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(before, Directory.Exists(source) ? Directory.GetFiles(source).Length : 0);
    }

    private string Renamed(Func<string, string> name)
    {
        var folder = world.NewFolder();
        var adapter = world.Adapter(seed: 9);
        PeftAdapterFolder.Write(folder, adapter with { Sites = adapter.Sites.ToDictionary(site => name(site.Key), site => site.Value) });
        return folder;
    }

    private string Changed(Func<string, LowRankFactors, LowRankFactors> change)
    {
        using var scope = NewDisposeScope();
        var folder = world.NewFolder();
        var adapter = world.Adapter(seed: 9);
        PeftAdapterFolder.Write(folder, adapter with { Sites = adapter.Sites.ToDictionary(site => site.Key, site => change(site.Key, site.Value)) });
        return folder;
    }

    private static string Without(string folder, string file)
    {
        File.Delete(Path.Combine(folder, file));
        return folder;
    }

    private static void CutOff(string path) => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
}
