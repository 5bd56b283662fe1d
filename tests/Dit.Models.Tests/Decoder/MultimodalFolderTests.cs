using System.Text.Json.Nodes;
using Dit.Models.Checkpoints;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Gemma3 as its multimodal models are published: the golden text model's config under text_config, and its weights under other names.</summary>
public sealed class MultimodalFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<string, string, bool> Layouts()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var golden in GoldenModel.Cases("gemma3_text"))
        {
            foreach (var config in new[] { "config.json", "config.legacy.json" })
            {
                data.Add(golden, config, true);
                data.Add(golden, config, false);
            }
        }

        return data;
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void The_text_model_inside_gives_the_golden_logits(string golden, string config, bool older)
    {
        var model = new GoldenModel(golden);
        var expected = model.ExpectedTensors();
        Write(model, config, older, []);

        using var decoder = Decoder.Load(folder.FullPath);
        var logits = decoder.Logits(decoder.HiddenStates(expected["input_ids"], expected["attention_mask"]));

        GoldenModel.AssertClose(expected["logits"], logits, model.Tolerances.GetProperty("logits_atol").GetDouble(),
            model.Tolerances.GetProperty("logits_rtol").GetDouble(), expected["attention_mask"]);
        Assert.Contains(decoder.Sites, site => site.Name == "model.layers.0.self_attn.q_proj");
        Assert.Empty(decoder.Config.DifferencesFrom(ModelConfig.Read(golden)));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void What_is_neither_text_nor_images_is_refused_by_name(string golden, string config, bool older)
    {
        Write(new GoldenModel(golden), config, older, ["audio_tower.encoder.weight"]);

        Assert.Contains("audio_tower.encoder.weight", Assert.Throws<DitException>(() => Decoder.Load(folder.FullPath)).Message);
    }

    private void Write(GoldenModel golden, string config, bool older, string[] more)
    {
        var text = JsonNode.Parse(File.ReadAllText(Path.Combine(golden.Folder, config)))!.AsObject();
        text.Remove("architectures");
        File.WriteAllText(folder.File("config.json"), new JsonObject
        {
            ["architectures"] = new JsonArray("Gemma3ForConditionalGeneration"),
            ["model_type"] = "gemma3",
            ["text_config"] = text,
            ["vision_config"] = new JsonObject { ["hidden_size"] = 8, ["model_type"] = "siglip_vision_model" },
        }.ToJsonString());

        using var checkpoint = CheckpointFolder.Open(golden.Folder);
        var (stem, images) = older ? ("language_model.model.", "") : ("model.language_model.", "model.");
        var weights = checkpoint.TensorNames.ToDictionary(name => stem + name["model.".Length..], name => checkpoint.Load(name));
        weights[older ? "language_model.lm_head.weight" : "lm_head.weight"] = weights[stem + "embed_tokens.weight"].clone();
        foreach (var name in (string[])[images + "vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight", images + "multi_modal_projector.mm_soft_emb_norm.weight", .. more])
        {
            weights[name] = zeros(3);
        }

        SafetensorsWriter.Write(folder.File("model.safetensors"), weights);
    }
}
