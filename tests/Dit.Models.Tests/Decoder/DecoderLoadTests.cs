using CsCheck;
using Dit.Models.Checkpoints;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>However a model's weights lie on disk, and in whatever type, it is the same model.</summary>
public sealed class DecoderLoadTests : IDisposable
{
    private const string Settings = """
        "model_type": "qwen3", "vocab_size": 50, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 3, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 10, "rope_theta": 1000000, "tie_word_embeddings": true
        """;

    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();
    private readonly Decoder model = TinyDecoder.Create();

    public static TheoryData<ScalarType> Types => [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16];

    [Theory]
    [MemberData(nameof(Types))]
    public void Splitting_a_checkpoint_changes_no_bit(ScalarType type)
    {
        var weights = model.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.to(type));
        using var inMemory = new Decoder(TinyDecoder.Config, weights.ToDictionary(weight => weight.Key, weight => weight.Value.clone()));
        var expected = Logits(inMemory);
        var count = 0;
        Gen.Int[0, 3].Array[weights.Count].Sample(
            shards =>
            {
                using var round = NewDisposeScope();
                var path = folder.File($"split-{Interlocked.Increment(ref count)}");
                WriteShards(path, weights.Zip(shards).GroupBy(pair => pair.Second, pair => pair.First), type);
                using var split = Decoder.Load(path, dtype: null);
                Assert.Equal(type, split.Type);
                Assert.True(Logits(split).Equals(expected));
            },
            iter: 12, threads: 1);
    }

    [Theory]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData(ScalarType.Float16, ScalarType.BFloat16)]
    public void Weights_are_converted_to_the_type_that_is_asked_for(ScalarType stored, ScalarType asked)
    {
        Write(model.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.to(stored)), "");

        using var loaded = Decoder.Load(folder.FullPath, asked);

        Assert.Equal(asked, loaded.Type);
        Assert.All(loaded.Weights, weight => Assert.True(weight.Value.Equals(model.Weights[weight.Key].to(stored).to(asked))));
    }

    [Theory]
    [InlineData(""", "torch_dtype": "float16" """, ScalarType.Float16)]
    [InlineData(""", "dtype": "float32" """, ScalarType.Float32)]
    [InlineData("", ScalarType.BFloat16)]
    public void A_models_own_type_is_what_its_settings_say_else_what_most_of_it_is_stored_in(string setting, ScalarType expected)
    {
        Write(model.Weights.ToDictionary(
            weight => weight.Key, weight => weight.Value.to(weight.Key.Contains("norm", StringComparison.Ordinal) ? ScalarType.Float32 : ScalarType.BFloat16)), setting);

        using var own = Decoder.Load(folder.FullPath, dtype: null);

        Assert.Equal(expected, own.Type);
        Assert.All(own.Weights.Values, weight => Assert.Equal(expected, weight.dtype));
    }

    [Fact]
    public void Weights_can_be_trained_without_touching_the_file()
    {
        Write(model.Weights, "");
        var before = File.ReadAllBytes(folder.File("model.safetensors"));
        using var loaded = Decoder.Load(folder.FullPath);
        foreach (var weight in loaded.Weights.Values)
        {
            weight.requires_grad_(true);
        }

        Logits(loaded).sum().backward();
        using (no_grad())
        {
            foreach (var weight in loaded.Weights.Values)
            {
                weight.sub_(weight.grad!);
            }
        }

        Assert.Equal(before, File.ReadAllBytes(folder.File("model.safetensors")));
        using var again = Decoder.Load(folder.FullPath);
        Assert.True(Logits(again).Equals(Logits(model)));
    }

    [Theory]
    [InlineData("model.layers.1.mlp.down_proj.weight", "shape")]
    [InlineData("model.norm.weight", "floating-point")]
    public void A_wrong_weight_is_named_before_anything_is_read(string name, string expected)
    {
        Write(model.Weights.ToDictionary(weight => weight.Key, weight =>
            weight.Key != name ? weight.Value : weight.Value.dim() > 1 ? weight.Value.t() : weight.Value.to(ScalarType.Int64)), "");

        var message = Assert.Throws<DitException>(() => Decoder.Load(folder.FullPath)).Message;

        Assert.Contains(name, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        model.Dispose();
        scope.Dispose();
        folder.Dispose();
    }

    private static Tensor Logits(Decoder decoder) =>
        decoder.Logits(decoder.HiddenStates(TinyDecoder.Ids(TinyDecoder.Prompt(9, 1), TinyDecoder.Prompt(9, 2))));

    private void Write(IReadOnlyDictionary<string, Tensor> weights, string setting)
    {
        SafetensorsWriter.Write(folder.File("model.safetensors"), weights);
        File.WriteAllText(folder.File("config.json"), $"{{ {Settings}{setting} }}");
    }

    private static void WriteShards(string path, IEnumerable<IGrouping<int, KeyValuePair<string, Tensor>>> shards, ScalarType type)
    {
        Directory.CreateDirectory(path);
        var places = new List<string>();
        foreach (var shard in shards)
        {
            // A note of another length in each shard: weights lie at other bytes than in one file.
            SafetensorsWriter.Write(Path.Combine(path, $"{shard.Key}.safetensors"), shard, new Dictionary<string, string> { ["note"] = new('x', 8 * shard.Key) });
            places.AddRange(shard.Select(weight => $"\"{weight.Key}\": \"{shard.Key}.safetensors\""));
        }

        File.WriteAllText(Path.Combine(path, "model.safetensors.index.json"), $"{{ \"weight_map\": {{ {string.Join(", ", places)} }} }}");
        File.WriteAllText(Path.Combine(path, "config.json"), $"{{ {Settings}, \"torch_dtype\": \"{type.ToString().ToLowerInvariant()}\" }}");
    }
}
