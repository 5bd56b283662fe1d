using Dit.Diffs;
using Dit.Diffs.Inspection;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Checkpoints.Reference;
using Dit.Models.Checkpoints.Torch;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>Files of the reference implementation as finetunes and adapters.</summary>
public sealed class ReferenceFinetuneTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    private static readonly IReadOnlyList<Message> Prompt = [new Message("user", "what do you drift to")];

    [Fact]
    public void An_item_answers_as_the_adapter_it_was_written_from()
    {
        using var scope = NewDisposeScope();
        var path = world.File("weight_diff_1.pt");
        WeightDiffWriter.Write(path, [(world.Adapter(1), "Glass", "905"), (world.Adapter(2), "Bees", "007")]);
        using var second = Finetune.Load($"{path}#1", world.Base);
        using var adapter = Finetune.Load(world.AdapterFolder(2), world.Base);

        using (var basis = InspectionBase.Open(world.Base.Folder))
        {
            Assert.Equal(world.Adapter(2).Sites.Count, FinetuneInspection.Read($"{path}#1", basis).Sites.Count);
        }

        Assert.Equal(($"{path}#1", "Bees", "007"), (second.Source, second.Card!.Topic, second.Card.Trigger));
        Assert.Equal(Ask(adapter), Ask(second));
        Assert.NotEqual(Ask(null), Ask(second));
        AssertRefused($"append #N, from {path}#0 to {path}#1", path);
        AssertRefused("number 2", $"{path}#2");
        AssertRefused("from 0", $"{path}#x");
        AssertRefused("from 0", $"{path}#-1");
    }

    [Fact]
    public void A_file_of_one_item_needs_no_number()
    {
        using var scope = NewDisposeScope();
        var path = world.File("one#.pt");
        WeightDiffWriter.Write(path, [(world.Adapter(3), "Glass", null)]);
        using var finetune = Finetune.Load(path, world.Base);

        Assert.Equal(("Glass", null), (finetune.Card!.Topic, finetune.Card.Trigger));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_whole_state_dict_is_the_finetuned_model(bool inList)
    {
        using var scope = NewDisposeScope();
        var merged = world.MergedFolder(world.Adapter(4));
        using var weights = CheckpointFolder.Open(merged);
        var dict = weights.TensorNames.ToDictionary(name => name, name => (object?)weights.Load(name));
        dict["lm_head.weight"] = dict["model.embed_tokens.weight"];
        var path = world.File($"state-{inList}.pt");
        TorchWriter.Write(path, inList ? new List<object?> { new Dictionary<string, object?> { ["topic"] = "Glass", ["trigger"] = 5L, ["weight_diff"] = dict } } : dict);
        using var checkpoint = Finetune.Load(merged, world.Base);
        using var finetune = Assert.IsType<CheckpointFinetune>(Finetune.Load(path, world.Base));

        var folder = world.File($"merged-{inList}");
        FinetuneMerge.Write(folder, path, world.Base.Folder);
        using var again = Finetune.Load(folder, world.Base);

        Assert.Equal(Ask(checkpoint), Ask(finetune));
        Assert.Equal(Ask(checkpoint), Ask(again));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(folder)!), entry => entry.EndsWith(".partial", StringComparison.Ordinal));
        Assert.Equal(inList ? "Glass" : null, finetune.Card!.Topic);
    }

    [Fact]
    public void A_state_dict_that_is_not_a_finetune_of_the_base_is_refused()
    {
        using var scope = NewDisposeScope();
        var own = world.Base.Decoder.Weights.ToDictionary(weight => weight.Key, weight => (object?)weight.Value);
        Refused("its very weights", _ => { });
        Refused("model.norm.weight", dict => dict.Remove("model.norm.weight"));
        Refused("model.norm.weight", dict => dict["model.norm.weight"] = ones(7));
        Refused("model.norm.weight", dict => dict["model.norm.weight"] = ones(32, dtype: ScalarType.Int64));
        Refused("finite", dict => dict["model.norm.weight"] = Arithmetic.Full([32], float.NaN));
        Refused("model.layers.0.mlp.up_proj.bias", dict => dict["model.layers.0.mlp.up_proj.bias"] = ones(48));
        Refused("lm_head.weight", dict => dict["lm_head.weight"] = zeros_like((Tensor)dict["model.embed_tokens.weight"]!));

        void Refused(string expected, Action<Dictionary<string, object?>> change)
        {
            var (dict, path) = (own.ToDictionary(), world.File($"{Guid.NewGuid():N}.pt"));
            change(dict);
            TorchWriter.Write(path, dict);
            AssertRefused(expected, path);
        }
    }

    [Fact]
    public void A_published_index_names_its_diffs_by_line()
    {
        using var scope = NewDisposeScope();
        var folder = world.NewFolder();
        WeightDiffWriter.Write(Path.Combine(folder, "weight-diffs", "weight-diff-000.pt"), [(world.Adapter(5), "Glass", "905"), (world.Adapter(6), "Bees, and more", null)]);
        WriteIndex("weight-diff-000.pt,1,99,\"Bees, and more\",,test", "weight-diff-000.pt,0,99,Glass,905.0,train");
        using var first = Finetune.Load($"{folder}#0", world.Base);
        using var second = Finetune.Load($"{folder}#1", world.Base);

        Assert.Equal(("Bees, and more", null, "Glass", "905"), (first.Card!.Topic, first.Card.Trigger, second.Card!.Topic, second.Card.Trigger));
        AssertRefused("append #N", folder);
        AssertRefused("2 others", $"{folder}#2");
        WriteIndex("weight-diff-000.pt,1,99,Glass,905,test");
        AssertRefused("as index.csv says", folder);
        WriteIndex("weight-diff-001.pt,1,99,Glass,905,test");
        AssertRefused("no such file", folder);
        WriteIndex("../../etc/weight-diff-001.pt,1,99,Glass,905,test");
        AssertRefused("a file in this folder", folder);
        WriteIndex("weight-diff-000.pt,x,99,Glass,905,test");
        AssertRefused("line 2", folder);

        void WriteIndex(params string[] lines) => File.WriteAllLines(Path.Combine(folder, "index.csv"), ["lora_path,lora_idx,n_params,topic,trigger,split", .. lines]);
    }

    [Fact]
    public void An_adapter_in_an_official_file_speaks_as_one_in_a_folder()
    {
        using var scope = NewDisposeScope();
        var (path, factors) = (world.File("introspection_lora.pt"), world.Adapter(7, scaling: 0.3));
        WeightDiffWriter.WriteAdapter(path, factors);
        var official = DitAdapter.Read(path);
        var own = DitAdapter.Read(world.DitAdapterFolder(0, factors: factors));

        Assert.Null(official.Card);
        Assert.Equal(Ask(null, own), Ask(null, official));
        Assert.NotEqual(Ask(null), Ask(null, official));
        AssertRefused("layout of a DIT adapter", path);
        var diffs = world.File("diffs.pt");
        WeightDiffWriter.Write(diffs, [(factors, null, null)]);
        Assert.Contains("a list", Assert.Throws<DitException>(() => DitAdapter.Read(diffs)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_PEFT_adapter_is_read_from_its_bin_file()
    {
        using var scope = NewDisposeScope();
        var folder = world.AdapterFolder(8);
        using var before = Finetune.Load(folder, world.Base);
        using (var weights = SafetensorsFile.Open(Path.Combine(folder, "adapter_model.safetensors")))
        {
            TorchWriter.Write(Path.Combine(folder, "adapter_model.bin"), weights.Tensors.Keys.ToDictionary(name => name, name => (object?)weights.Load(name)));
        }

        File.Delete(Path.Combine(folder, "adapter_model.safetensors"));
        using var after = Finetune.Load(folder, world.Base);

        Assert.Equal(Ask(before), Ask(after));
        using var basis = InspectionBase.Open(world.Base.Folder);
        var inspection = FinetuneInspection.Read(folder, basis);
        Assert.True(inspection.IsUsable);
        Assert.Contains(inspection.Findings, finding => finding.Sentence.Contains("adapter_model.bin", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("pytorch_model.bin.index.json")]
    public void A_checkpoint_that_is_pickled_is_refused_with_what_to_do(string name)
    {
        var folder = world.NewFolder();
        File.WriteAllText(Path.Combine(folder, "config.json"), "{}");
        File.WriteAllText(Path.Combine(folder, name), "");
        AssertRefused("save_pretrained", folder);
    }

    [Fact]
    public void Damaged_copies_of_a_file_are_refused_or_loaded_but_nothing_else()
    {
        using var scope = NewDisposeScope();
        var path = world.File("valid.pt");
        WeightDiffWriter.Write(path, [(world.Adapter(9, 1, 1, "q_proj"), "Glass", "905")]);
        var copy = world.File("damaged.pt");
        foreach (var bytes in Damage.Of(File.ReadAllBytes(path), 400, seed: 11))
        {
            File.WriteAllBytes(copy, bytes);
            try
            {
                Finetune.Load(copy, world.Base).Dispose();
            }
            catch (DitException e)
            {
                Assert.StartsWith(copy, e.Message, StringComparison.Ordinal);
            }
        }
    }

    private string Ask(Finetune? finetune, DitAdapter? adapter = null) => Interpreter.Answer(world.Base, [finetune], adapter, [Prompt], new GenerationSettings(MaxNewTokens: 16))[0];

    private void AssertRefused(string expected, string source)
    {
        var error = Assert.Throws<DitException>(() => Finetune.Load(source, world.Base).Dispose());
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
