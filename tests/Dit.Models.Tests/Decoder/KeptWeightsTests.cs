using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>A model whose matrices are kept in fewer bits than are computed in.</summary>
public sealed class KeptWeightsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<KeptWeights> Narrow => [KeptWeights.BFloat16, KeptWeights.Float16, KeptWeights.Int8];

    public static TheoryData<string, KeptWeights> Golden => new(from model in GoldenModel.Cases() from kept in Narrow select (model, kept.Data));

    /// <summary>
    /// Rounding moves a weight by a share of itself, 0.2 % in bfloat16, an eighth of that in float16 and, in rows like these, about four times as much
    /// in int8; these random models make five to ten times as much of it. A model that was stored in 16 bits loses nothing in them.
    /// </summary>
    [Theory]
    [MemberData(nameof(Golden))]
    public void Logits_stay_near_the_golden_ones(string model, KeptWeights kept)
    {
        var golden = new GoldenModel(model);
        var expected = golden.ExpectedTensors();
        using var untracked = no_grad();
        using var decoder = golden.Load("config.json", kept: kept);

        var logits = decoder.Logits(decoder.HiddenStates(expected["input_ids"], expected["attention_mask"]));

        var tokens = expected["attention_mask"].flatten().IsNonzero();
        var (exact, found) = (expected["logits"].flatten(0, 1)[tokens], logits.flatten(0, 1)[tokens]);
        var off = (found - exact).norm().item<float>() / exact.norm().item<float>();
        var divergence = (exact.softmax(-1) * (exact.log_softmax(-1) - found.log_softmax(-1))).sum(-1).mean().item<float>();
        var agreement = exact.argmax(-1).eq(found.argmax(-1)).to(ScalarType.Float64).mean().item<double>();
        TestContext.Current.TestOutputHelper?.WriteLine($"{Path.GetFileName(model)} {kept}: off {off:E2}, max {(found - exact).abs().max().item<float>():E2}, mean {(found - exact).abs().mean().item<float>():E2}, KL {divergence:E2}, top-1 {agreement:P1}");
        var (mostOff, mostDivergence, leastAgreement) = kept switch
        {
            KeptWeights.Float16 => (3e-3, 4e-5, 0.95), KeptWeights.BFloat16 => (2.5e-2, 3e-3, 0.95), _ => (8e-2, 2e-2, 0.87),
        };
        if (kept == KeptWeights.BFloat16 && model.EndsWith("bf16", StringComparison.Ordinal))
        {
            (mostOff, mostDivergence, leastAgreement) = (2e-6, 1e-7, 1);
        }

        Assert.InRange(off, 0, mostOff);
        Assert.InRange(divergence, -1e-6, mostDivergence);
        Assert.InRange(agreement, leastAgreement, 1);
    }

    [Theory]
    [InlineData(KeptWeights.BFloat16)]
    [InlineData(KeptWeights.Float16)]
    public void What_was_stored_in_16_bits_gives_the_very_bits_of_float32(KeptWeights kept)
    {
        foreach (var (family, config) in TinyDecoder.Families)
        {
            using var drawn = TinyDecoder.Create(config);
            var stored = drawn.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.to(kept.Type()!.Value));
            using var wide = new Decoder(config, stored.ToDictionary(weight => weight.Key, weight => weight.Value.to(ScalarType.Float32)));
            using var narrow = new Decoder(config, stored.ToDictionary(weight => weight.Key, weight => weight.Value.dim() == 2 ? weight.Value : weight.Value.to(ScalarType.Float32)));
            var ids = TinyDecoder.Ids(TinyDecoder.Prompt(12, 1), TinyDecoder.Prompt(12, 2));
            using var untracked = no_grad();

            Assert.Equal((ScalarType.Float32, kept), (narrow.Type, narrow.Kept));
            Assert.True(narrow.Logits(narrow.HiddenStates(ids)).Equals(wide.Logits(wide.HiddenStates(ids))), family);
        }
    }

    [Theory]
    [MemberData(nameof(Narrow))]
    public void Matrices_are_kept_narrow_and_nothing_else(KeptWeights kept)
    {
        var config = TinyDecoder.Families["llama with biases"];
        using var drawn = TinyDecoder.Create(config);
        using var decoder = Load(drawn, ScalarType.Float32, kept);

        Assert.Equal((ScalarType.Float32, kept), (decoder.Type, decoder.Kept));
        Assert.All(decoder.Weights, weight => Assert.Equal(weight.Value.dim() == 2 ? kept.Type() : ScalarType.Float32, weight.Value.dtype));
        Assert.Equal(
            kept == KeptWeights.Int8 ? decoder.Sites.Count + 1 : 0, decoder.Weights.Keys.Count(name => name.EndsWith(".weight_scale", StringComparison.Ordinal)));
        Assert.True(decoder.HoldsSame(WeightFiles.Head, decoder));
        Assert.False(decoder.HoldsSame("model.layers.1.mlp.up_proj.weight", Load(drawn, ScalarType.Float32, kept, changed: "model.layers.1.mlp.up_proj.weight")));
    }

    [Theory]
    [InlineData(KeptWeights.BFloat16)]
    [InlineData(KeptWeights.Int8)]
    public void Gradients_pass_through_to_what_is_added(KeptWeights kept)
    {
        using var drawn = TinyDecoder.Create();
        using var narrow = Load(drawn, ScalarType.Float32, kept);
        using var wide = new Decoder(TinyDecoder.Config, Widened(narrow));
        var ids = TinyDecoder.Ids(TinyDecoder.Prompt(9, 1), TinyDecoder.Prompt(9, 2));

        var (expected, found) = (Gradients(wide), Gradients(narrow));

        Assert.All(expected.Keys, name => GoldenModel.AssertClose(expected[name], found[name], 1e-4 * expected[name].abs().max().item<float>(), 1e-3));

        Dictionary<string, Tensor> Gradients(Decoder decoder)
        {
            var factors = TinyDecoder.RowFactors(decoder, 2).ToDictionary(
                pair => pair.Key, pair => new LowRankTerm(pair.Value.A, pair.Value.B, 0.5, zeros_like(pair.Value.A), zeros_like(pair.Value.B)));
            using var pass = TrainingPass.Forward(decoder, ids, null, factors.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<LowRankTerm>)[pair.Value]));
            var ofScores = decoder.Logits(pass.Hidden.flatten(0, 1)).softmax(-1).Times(-1);
            ofScores.select(-1, 3).Plus_(1);
            pass.Backward(decoder.HiddenGradient(ofScores).view(pass.Hidden.shape));
            return factors.SelectMany(pair => new[] { (pair.Key + ".A", pair.Value.GradientA!), (pair.Key + ".B", pair.Value.GradientB!) }).ToDictionary();
        }
    }

    [Theory]
    [MemberData(nameof(Narrow))]
    public void A_cache_gives_what_reading_all_at_once_gives(KeptWeights kept)
    {
        using var drawn = TinyDecoder.Create();
        using var decoder = Load(drawn, ScalarType.Float32, kept);
        using var cache = decoder.NewCache(2, 12);
        var ids = TinyDecoder.Ids(TinyDecoder.Prompt(12, 1), TinyDecoder.Prompt(12, 2));
        using var untracked = no_grad();

        var pieces = cat([.. ids.split(5, 1).Select(piece => decoder.HiddenStates(piece, cache: cache))], 1);

        GoldenModel.AssertClose(decoder.HiddenStates(ids), pieces, 5e-5, 5e-5);
    }

    [Fact]
    public void A_file_in_bfloat16_is_used_where_it_lies()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Mappings are read from /proc.");
        using var drawn = TinyDecoder.Create();
        using var decoder = Load(drawn, ScalarType.BFloat16, KeptWeights.BFloat16);

        Assert.Contains(File.ReadLines("/proc/self/maps"), line => line.EndsWith(folder.File("model.safetensors"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(KeptWeights.Int8, ScalarType.BFloat16, "weights: expected float32 to compute in where they are kept in int8, found bfloat16.")]
    [InlineData(KeptWeights.BFloat16, ScalarType.Float16, "weights: expected float32 to compute in where they are kept in bfloat16, found float16.")]
    public void They_are_computed_with_in_float32(KeptWeights kept, ScalarType computed, string sentence)
    {
        using var drawn = TinyDecoder.Create();

        var error = Assert.Throws<DitException>(() => Load(drawn, ScalarType.Float32, kept, computed));

        Assert.EndsWith(sentence, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(folder.FullPath, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_type_computed_in_is_no_narrower_one()
    {
        using var drawn = TinyDecoder.Create();
        using var decoder = Load(drawn, ScalarType.Float32, KeptWeights.BFloat16, ScalarType.BFloat16);

        Assert.Equal((ScalarType.BFloat16, KeptWeights.AsComputed), (decoder.Type, decoder.Kept));
    }

    [Theory]
    [InlineData(KeptWeights.Float16, 1e6f, "expected numbers that float16 can hold")]
    [InlineData(KeptWeights.Int8, float.PositiveInfinity, "expected finite numbers to round to int8")]
    public void Numbers_that_cannot_be_kept_are_refused_by_the_name_of_their_weight(KeptWeights kept, float number, string sentence)
    {
        using var drawn = TinyDecoder.Create();
        using (no_grad())
        {
            drawn.Weights["model.layers.1.mlp.up_proj.weight"][2, 3] = number;
        }

        var error = Assert.Throws<DitException>(() => Load(drawn, ScalarType.Float32, kept));

        Assert.Contains("model.layers.1.mlp.up_proj.weight: " + sentence, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scales_must_be_there_and_fit()
    {
        using var drawn = TinyDecoder.Create();
        using var decoder = Load(drawn, ScalarType.Float32, KeptWeights.Int8);
        const string scale = "model.layers.1.mlp.up_proj.weight_scale";

        Assert.Contains($"{scale}: expected the scales", Refused(weights => weights.Remove(scale)), StringComparison.Ordinal);
        Assert.Contains($"{scale}: expected shape [40], found [41]", Refused(weights => weights[scale] = ones(41)), StringComparison.Ordinal);
        Assert.Contains($"{scale}: expected scales in float32", Refused(weights => weights[scale] = ones(40, ScalarType.Float64)), StringComparison.Ordinal);
        Assert.Contains("up_proj.weight: expected all weights", Refused(weights => weights["model.layers.1.mlp.up_proj.weight"] = ones(40, 24)), StringComparison.Ordinal);

        string Refused(Action<Dictionary<string, Tensor>> change)
        {
            var weights = decoder.Weights.ToDictionary(weight => weight.Key, weight => weight.Value.alias());
            change(weights);
            return Assert.Throws<DitException>(() => new Decoder(TinyDecoder.Config, weights)).Message;
        }
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private static Dictionary<string, Tensor> Widened(Decoder decoder) => Decoder.WeightShapes(decoder.Config).Keys.ToDictionary(name => name, name =>
    {
        var wide = decoder.Weights[name].to(ScalarType.Float32);
        return decoder.Weights.TryGetValue(name + "_scale", out var scales) ? wide * scales.unsqueeze(1) : wide.clone();
    });

    private Decoder Load(Decoder drawn, ScalarType stored, KeptWeights kept, ScalarType computed = ScalarType.Float32, string? changed = null)
    {
        SafetensorsWriter.Write(folder.File("model.safetensors"), drawn.Weights.ToDictionary(
            weight => weight.Key, weight => (weight.Key == changed ? weight.Value.Plus(0.1) : weight.Value).to(stored)));
        var biases = drawn.Config.QueryKeyValueBias;
        File.WriteAllText(folder.File("config.json"), $$"""
            { "model_type": "{{(biases ? "llama" : "qwen3")}}", "vocab_size": 50, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 3,
              "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 10, "rope_theta": 1000000, "tie_word_embeddings": true,
              "rms_norm_eps": 1e-6, "attention_bias": {{(biases ? "true" : "false")}}, "mlp_bias": {{(biases ? "true" : "false")}} }
            """);
        return Decoder.Load(folder.FullPath, computed, kept: kept);
    }
}
