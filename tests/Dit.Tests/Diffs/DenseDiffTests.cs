using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

public sealed class DenseDiffTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void It_holds_what_was_changed_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        var change = TinyWorld.Random("change", 0.1, 32, 32);
        using var diff = DenseDiff.Between(world.CheckpointFolder(weights =>
        {
            weights[TinyWorld.Query + ".weight"].Plus_(change);
            weights["model.norm.weight"][3] = 2.5;
        }), world.Base.Folder);

        Assert.Equal([TinyWorld.Query], diff.ChangedSites);
        Assert.Equal(["model.norm.weight"], diff.ChangedElsewhere);
        Assert.Empty(diff.Notes);
        Assert.True(diff.Delta(TinyWorld.Query).allclose(change, atol: 1e-7));
        Assert.Equal(diff.Delta(TinyWorld.Query), diff.Delta(TinyWorld.Query + ".weight"));
        Assert.Equal(0, diff.Delta(TinyWorld.Down).abs().max().item<float>());
        Assert.Equal(change.norm().item<float>(), diff.Measure(TinyWorld.Query).Norm, 1e-4);
        Assert.Equal(1.5, diff.Measure("model.norm.weight").Norm, 1e-6);
        Assert.Equal(1.5 / Math.Sqrt(32), diff.Measure("model.norm.weight").Relative!.Value, 1e-6);
    }

    [Fact]
    public void Without_a_change_it_is_empty()
    {
        using var diff = DenseDiff.Between(world.CheckpointFolder(_ => { }), world.Base.Folder);

        Assert.Empty(diff.ChangedSites);
        Assert.Empty(diff.ChangedElsewhere);
    }

    [Fact]
    public void A_finetune_in_fewer_bits_has_changed_where_it_is_not_the_rounded_base()
    {
        var wide = world.CheckpointFolder(weights => weights[TinyWorld.Query + ".weight"].Plus_(1e-5));
        var narrow = world.CheckpointFolder(weights =>
        {
            foreach (var (name, weight) in weights.ToArray())
            {
                weights[name] = weight.to(ScalarType.Float16);
            }

            weights[TinyWorld.Down + ".weight"].Plus_(0.5);
        });
        using var diff = DenseDiff.Between(narrow, wide);

        Assert.Contains(TinyWorld.Down, diff.ChangedSites);
        Assert.DoesNotContain("model.layers.0.mlp.up_proj", diff.ChangedSites);
        Assert.Contains("float16 and the base in float32", Assert.Single(diff.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_too_small_for_the_type_of_the_base_is_still_a_change()
    {
        using var diff = DenseDiff.Between(world.CheckpointFolder(weights => weights[TinyWorld.Query + ".weight"].view(-1)[0].Times_(1.0001)), world.Base.Folder);

        Assert.Equal([TinyWorld.Query], diff.ChangedSites);
        Assert.InRange(diff.Measure(TinyWorld.Query).Norm, 1e-9, 1e-3);
    }

    [Fact]
    public void Rows_for_tokens_that_the_base_does_not_have_are_left_out_with_a_note()
    {
        using var scope = NewDisposeScope();
        var folder = Resized(world, 293, (embedding, rows) => cat([embedding.Times(2), ones(rows - embedding.shape[0], 32)]));
        using var diff = DenseDiff.Between(folder, world.Base.Folder);
        using var finetune = (CheckpointFinetune)Finetune.Load(folder, world.Base);

        Assert.Equal(["model.embed_tokens.weight"], diff.ChangedElsewhere);
        Assert.Equal([290L, 32L], diff.Delta("model.embed_tokens.weight").shape);
        Assert.Equal(290, finetune.Decoder.Config.VocabularySize);
        foreach (var note in new[] { Assert.Single(diff.Notes), Assert.Single(finetune.Notes) })
        {
            Assert.Contains(folder, note, StringComparison.Ordinal);
            Assert.Contains("293 rows, 3 more", note, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Rows_that_stand_for_no_token_may_be_missing()
    {
        using var scope = NewDisposeScope();
        var roomy = Resized(world, 300, (embedding, rows) => cat([embedding, ones(rows - embedding.shape[0], 32)]));
        var folder = Resized(world, 290, (embedding, _) => embedding.Times(2));
        using var model = BaseModel.Load(roomy);
        using var finetune = (CheckpointFinetune)Finetune.Load(folder, model);
        using var diff = DenseDiff.Between(folder, roomy);

        Assert.Equal(290, finetune.Decoder.Config.VocabularySize);
        Assert.Equal([290L, 32L], diff.Delta("model.embed_tokens.weight").shape);
        Assert.Contains("290 rows, 10 fewer", Assert.Single(finetune.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_stand_for_tokens_may_not_be_missing()
    {
        var folder = Resized(world, 289, (embedding, rows) => embedding.narrow(0, 0, rows).Times(2));

        Refused(() => Finetune.Load(folder, world.Base), folder, "vocab_size", "290 tokens", "289");
        Refused(() => DenseDiff.Between(folder, world.Base.Folder), folder, "vocab_size", "290 tokens", "289");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_output_head_of_its_own_is_one_of_the_changes(bool equal)
    {
        using var scope = NewDisposeScope();
        var folder = Untied(world, equal ? 0 : 0.5);
        using var diff = DenseDiff.Between(folder, world.Base.Folder);
        using var finetune = (CheckpointFinetune)Finetune.Load(folder, world.Base);

        Assert.Equal(!equal, diff.HasOwnHead);
        Assert.Equal(equal ? [] : ["lm_head.weight"], diff.ChangedElsewhere);
        Assert.Equal([TinyWorld.Query], diff.ChangedSites);
        Assert.False(finetune.Decoder.Config.TiedEmbeddings);
        if (!equal)
        {
            Assert.True(diff.Delta("lm_head.weight").allclose(Arithmetic.Full([290, 32], 0.5f), atol: 1e-6));
        }
    }

    [Fact]
    public void A_tied_checkpoint_with_another_output_head_in_its_file_is_refused()
    {
        var folder = world.CheckpointFolder(weights => weights["lm_head.weight"] = weights["model.embed_tokens.weight"].Plus(1));

        Refused(() => DenseDiff.Between(folder, world.Base.Folder), folder, "lm_head.weight", "tie_word_embeddings");
        Refused(() => Finetune.Load(folder, world.Base), folder, "lm_head.weight", "tie_word_embeddings");
    }

    [Theory]
    [InlineData(float.NaN, true)]
    [InlineData(float.PositiveInfinity, true)]
    [InlineData(float.NaN, false)]
    public void Numbers_that_are_not_finite_are_refused_with_the_folder_that_holds_them(float number, bool inBase)
    {
        var damaged = world.CheckpointFolder(weights => weights[TinyWorld.Query + ".weight"].Fill_(number));
        var sound = world.CheckpointFolder(weights => weights[TinyWorld.Query + ".weight"].Times_(2));

        Refused(() => inBase ? DenseDiff.Between(sound, damaged) : DenseDiff.Between(damaged, sound), damaged, TinyWorld.Query, "finite");
    }

    [Fact]
    public void An_unknown_weight_is_refused_by_name()
    {
        using var diff = DenseDiff.Between(world.CheckpointFolder(_ => { }), world.Base.Folder);

        Refused(() => diff.Delta("model.layers.9.mlp.up_proj"), "model.layers.9.mlp.up_proj");
    }

    [Fact]
    public void The_norms_of_a_golden_finetune_are_the_golden_ones()
    {
        var cases = GoldenLora.Checkpoints().ToArray();
        Assert.NotEmpty(cases);
        foreach (var (folder, basis, expected) in cases)
        {
            using var diff = DenseDiff.Between(folder, basis);
            var norms = expected.GetProperty("diff_norms");

            Assert.Equal(
                norms.EnumerateObject().Select(norm => norm.Name).Order(StringComparer.Ordinal),
                diff.ChangedSites.Select(site => site + ".weight").Concat(diff.ChangedElsewhere).Order(StringComparer.Ordinal));
            foreach (var norm in norms.EnumerateObject())
            {
                Assert.Equal(norm.Value.GetDouble(), diff.Measure(norm.Name).Norm, 1e-5 * norm.Value.GetDouble());
                using var delta = diff.Delta(norm.Name);
                Assert.Equal(norm.Value.GetDouble(), delta.norm().item<float>(), 1e-4 * norm.Value.GetDouble());
            }
        }
    }

    /// <summary>A checkpoint with another number of embedding rows.</summary>
    internal static string Resized(TinyWorld world, int rows, Func<Tensor, int, Tensor> change)
    {
        var folder = world.CheckpointFolder(weights => weights["model.embed_tokens.weight"] = change(weights["model.embed_tokens.weight"], rows));
        Replace(folder, "\"vocab_size\": 290", $"\"vocab_size\": {rows}");
        return folder;
    }

    /// <summary>A checkpoint with an output head of its own, which is the embeddings plus a number.</summary>
    internal static string Untied(TinyWorld world, double more)
    {
        var folder = world.CheckpointFolder(weights =>
        {
            weights["lm_head.weight"] = weights["model.embed_tokens.weight"].Plus(more);
            weights[TinyWorld.Query + ".weight"].Times_(2);
        });
        Replace(folder, "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
        return folder;
    }

    private static void Replace(string folder, string old, string other)
    {
        var path = Path.Combine(folder, "config.json");
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, other, StringComparison.Ordinal));
    }

    private static void Refused(Func<IDisposable> load, params string[] parts)
    {
        var error = Assert.Throws<DitException>(() => load().Dispose());
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
