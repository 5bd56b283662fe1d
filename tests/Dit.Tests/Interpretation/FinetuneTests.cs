using Dit.Behaviours;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

public sealed class FinetuneTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    private static readonly GenerationSettings Greedy = new(MaxNewTokens: 16);
    private static readonly IReadOnlyList<Message> Prompt = [new Message("user", "what do you drift to")];

    [Fact]
    public void A_checkpoint_with_a_diff_merged_into_its_weights_gives_the_scores_and_answers_of_the_diff()
    {
        using var scope = NewDisposeScope();
        var adapter = world.Adapter(seed: 1);
        var folder = world.NewFolder();
        PeftAdapterFolder.Write(folder, adapter);
        using var diff = Finetune.Load(folder, world.Base);
        using var checkpoint = Finetune.Load(world.MergedFolder(adapter), world.Base);

        var merged = Scores(Assert.IsType<CheckpointFinetune>(checkpoint).Decoder, Overlays.None);
        var added = Scores(world.Base.Decoder, Overlays.None.With(Assert.IsType<LowRankFinetune>(diff).Adapter.Sites
            .ToDictionary(site => site.Key, site => (ISiteOverlay)new SharedLowRank(site.Value.A, site.Value.B, site.Value.Scaling))));

        Assert.True(merged.allclose(added, rtol: 1e-4, atol: 1e-5), $"They differ by {(merged - added).abs().max().item<float>()}.");
        Assert.False(added.allclose(Scores(world.Base.Decoder, Overlays.None), rtol: 1e-4, atol: 1e-2));
        Assert.Equal(Ask(diff), Ask(checkpoint));
    }

    [Fact]
    public void A_checkpoint_is_used_with_its_own_embeddings_and_norms()
    {
        var folder = world.CheckpointFolder(weights =>
        {
            weights["model.embed_tokens.weight"].copy_(weights["model.embed_tokens.weight"].roll(5, 0));
            weights["model.layers.1.input_layernorm.weight"].Times_(3);
        });
        using var model = BaseModel.Load(folder);
        using var checkpoint = Finetune.Load(folder, world.Base);

        Assert.Equal(Interpreter.Answer(model, [null], null, [Prompt], Greedy)[0], Ask(checkpoint));
        Assert.NotEqual(Ask(null), Ask(checkpoint));
    }

    [Fact]
    public void A_checkpoint_that_differs_in_one_number_is_a_finetune()
    {
        using var checkpoint = Finetune.Load(world.CheckpointFolder(weights => weights["model.layers.1.mlp.down_proj.weight"].view(-1)[^1].Plus_(1e-3)), world.Base);

        Assert.IsType<CheckpointFinetune>(checkpoint);
    }

    [Fact]
    public void An_exported_diff_is_the_diff_of_the_set()
    {
        using var scope = NewDisposeScope();
        var folder = world.SetFolder(seed: 20, shards: [2, 2]);
        var export = world.NewFolder();
        DiffExport.Write(export, DiffSet.Open(folder), "topic-3", "some/base");
        using var ofSet = (LowRankFinetune)Finetune.Load(folder + "#topic-3", world.Base);
        using var exported = (LowRankFinetune)Finetune.Load(export, world.Base);

        Assert.Equal("some/base", exported.Adapter.BaseModelNameOrPath);
        Assert.Equal(ofSet.Card, exported.Card);
        Assert.Equal(new DiffCard { BaseFingerprint = world.Base.Fingerprint, Id = "topic-3", Setting = Setting.HiddenTopic, Topic = "topic of topic-3", Trigger = "quartz", TriggerFormat = "Your code word is {0}.", Split = "report" }, exported.Card);
        AssertSame(world.Adapter(seed: 23, rank: 1), ofSet.Adapter);
        AssertSame(ofSet.Adapter, exported.Adapter);
        Assert.Equal(Ask(ofSet), Ask(exported));
    }

    [Fact]
    public void One_diff_of_a_stack_is_exported_with_what_is_known_of_it()
    {
        using var scope = NewDisposeScope();
        using var diffs = DiffStack.Of([world.Adapter(seed: 24), world.Adapter(seed: 25, rank: 1)]);
        var export = world.NewFolder();
        var card = new DiffCard { BaseFingerprint = world.Base.Fingerprint, Topic = "boxing" };
        DiffExport.Write(export, diffs, 1, world.Base.Name, card);
        using var exported = Finetune.Load(export, world.Base);
        using var written = Finetune.Load(world.AdapterFolder(seed: 25, rank: 1), world.Base);

        Assert.Equal(card, exported.Card);
        Assert.Null(written.Card);
        Assert.Equal(Ask(written), Ask(exported));
    }

    [Fact]
    public void A_set_of_one_diff_needs_no_id_and_ids_are_found_in_any_case()
    {
        var folder = world.SetFolder(seed: 30, shards: [1]);
        using var alone = Finetune.Load(folder, world.Base);
        using var named = Finetune.Load(folder + "#Topic-0", world.Base);

        Assert.Equal("topic-0", alone.Card!.Id);
        Assert.Equal(alone.Card, named.Card);
        Assert.Equal(Ask(alone), Ask(named));
    }

    [Fact]
    public void A_folder_with_a_hash_in_its_name_is_found()
    {
        var folder = world.File("set#1");
        Directory.Move(world.SetFolder(seed: 31, shards: [2]), folder);
        using var finetune = Finetune.Load(folder + "#topic-1", world.Base);

        Assert.Equal("topic-1", finetune.Card!.Id);
    }

    [Fact]
    public void An_adapter_on_some_of_the_layers_in_half_precision_is_read()
    {
        using var scope = NewDisposeScope();
        var adapter = world.Adapter(seed: 32, only: ["q_proj", "down_proj"]);
        var folder = world.NewFolder();
        PeftAdapterFolder.Write(folder, new PeftAdapter("", adapter.Sites.ToDictionary(
            site => site.Key, site => site.Value with { A = site.Value.A.to(ScalarType.Float16), B = site.Value.B.to(ScalarType.Float16) })));
        using var finetune = Finetune.Load(folder, world.Base);
        using var other = Finetune.Load(world.AdapterFolder(seed: 33), world.Base);

        var together = Interpreter.Answer(world.Base, [finetune, other], null, [Prompt, Prompt], Greedy);

        Assert.Equal([Ask(finetune), Ask(other)], together);
        Assert.NotEqual(Ask(null), Ask(finetune));
    }

    private string Ask(Finetune? finetune) => Interpreter.Answer(world.Base, [finetune], null, [Prompt], Greedy)[0];

    private Tensor Scores(Decoder decoder, Overlays overlays)
    {
        using var untracked = no_grad();
        long[] ids = [.. world.Base.Tokenizer.EncodePrompt(Prompt).Select(id => (long)id)];
        return decoder.Logits(decoder.HiddenStates(tensor(ids, 1, ids.Length), overlays: overlays));
    }

    private static void AssertSame(PeftAdapter expected, PeftAdapter actual)
    {
        Assert.Equal(expected.Sites.Keys.Order(StringComparer.Ordinal), actual.Sites.Keys.Order(StringComparer.Ordinal));
        foreach (var (site, factors) in expected.Sites)
        {
            Assert.Equal(factors.Scaling, actual.Sites[site].Scaling);
            Assert.Equal(factors.A.data<float>().ToArray(), actual.Sites[site].A.data<float>().ToArray());
            Assert.Equal(factors.B.data<float>().ToArray(), actual.Sites[site].B.data<float>().ToArray());
        }
    }
}
