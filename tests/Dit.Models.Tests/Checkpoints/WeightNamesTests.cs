using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

public sealed class WeightNamesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData("language_model.model.layers.3.mlp.up_proj.weight", "model.layers.3.mlp.up_proj.weight")]
    [InlineData("model.language_model.layers.3.mlp.up_proj", "model.layers.3.mlp.up_proj")]
    [InlineData("model.language_model.norm.weight", "model.norm.weight")]
    [InlineData("language_model.lm_head.weight", "lm_head.weight")]
    [InlineData("language_model.lm_head", "lm_head")]
    [InlineData("model.layers.3.mlp.up_proj", "model.layers.3.mlp.up_proj")]
    [InlineData("lm_head.weight", "lm_head.weight")]
    [InlineData("model.vision_tower.vision_model.head.weight", "model.vision_tower.vision_model.head.weight")]
    public void Names_of_multimodal_layouts_become_the_text_models(string stored, string canonical) =>
        Assert.Equal(canonical, WeightNames.Canonical(stored));

    [Fact]
    public void What_is_not_the_decoders_is_left_out()
    {
        string[] names = ["language_model.model.norm.weight", "vision_tower.a.weight", "multi_modal_projector.b", "model.layers.0.self_attn.rotary_emb.inv_freq"];

        Assert.Equal(["model.norm.weight"], WeightNames.OfDecoder(names, hasImagePart: true).Keys);
        Assert.Equal("language_model.model.norm.weight", WeightNames.OfDecoder(names, hasImagePart: true)["model.norm.weight"]);
        Assert.Equal(["model.norm.weight", "vision_tower.a.weight", "multi_modal_projector.b"], WeightNames.OfDecoder(names, hasImagePart: false).Keys);
    }

    [Fact]
    public void Two_names_of_one_weight_are_refused() =>
        Assert.Contains("model.norm.weight", Assert.Throws<DitException>(
            () => WeightNames.OfDecoder(["model.norm.weight", "language_model.model.norm.weight"], hasImagePart: true)).Message);

    [Theory]
    [InlineData("language_model.model.layers.1.mlp.up_proj")]
    [InlineData("model.language_model.layers.1.mlp.up_proj")]
    public void An_adapter_of_a_multimodal_model_is_one_of_its_text_model(string module)
    {
        SafetensorsWriter.Write(folder.File("adapter_model.safetensors"), new Dictionary<string, Tensor>
        {
            [$"base_model.model.{module}.lora_A.weight"] = ones(3, 4), [$"base_model.model.{module}.lora_B.weight"] = ones(5, 3),
        });
        // The pattern is about the adapter's own names.
        File.WriteAllText(folder.File("adapter_config.json"), $$"""
            {"peft_type": "LORA", "r": 2, "lora_alpha": 6, "target_modules": ["up_proj"], "rank_pattern": {"^{{module}}": 3} }
            """);

        var site = Assert.Single(PeftAdapterFolder.Read(folder.FullPath).Sites);

        Assert.Equal("model.layers.1.mlp.up_proj", site.Key);
        Assert.Equal(2, site.Value.Scaling);
    }

    [Fact]
    public void A_checkpoint_with_rotary_frequencies_loads_as_without_them()
    {
        using var model = TinyDecoder.Create();
        var weights = model.Weights.Append(new("model.layers.0.self_attn.rotary_emb.inv_freq", ones(5)));
        SafetensorsWriter.Write(folder.File("model.safetensors"), weights);
        File.WriteAllText(folder.File("config.json"), """
            {"model_type": "qwen3", "vocab_size": 50, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 3, "num_attention_heads": 4,
             "num_key_value_heads": 2, "head_dim": 10, "rope_theta": 1000000, "tie_word_embeddings": true, "max_position_embeddings": 2147483647}
            """);
        using var loaded = Decoder.Load(folder.FullPath);
        var ids = TinyDecoder.Ids([3, 1, 4, 1, 5]);

        Assert.Equal(model.Config with { MaxPositions = int.MaxValue }, loaded.Config);
        Assert.True(model.HiddenStates(ids).eq(loaded.HiddenStates(ids)).all().item<bool>());
    }
}
