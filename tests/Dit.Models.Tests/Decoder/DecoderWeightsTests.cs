using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

public sealed class DecoderWeightsTests : IDisposable
{
    private readonly IDisposable scope = NewDisposeScope();
    private readonly Dictionary<string, Tensor> weights =
        Decoder.WeightShapes(TinyDecoder.Config).ToDictionary(weight => weight.Key, weight => zeros(weight.Value));

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Sites_are_the_linear_layers_inside_the_decoder()
    {
        using var model = new Decoder(TinyDecoder.Config, weights);

        Assert.Equal(7 * 3, model.Sites.Count);
        Assert.All(model.Sites, site => Assert.Equal([site.OutFeatures, site.InFeatures], model.Weights[site.Name + ".weight"].shape));
        Assert.Contains(new Site("model.layers.2.mlp.down_proj", 40, 24), model.Sites);
        Assert.DoesNotContain(model.Sites, site => site.Name == "lm_head");
    }

    [Theory]
    [InlineData("model.norm.weight")]
    [InlineData("model.layers.1.self_attn.q_norm.weight")]
    public void A_missing_weight_is_named(string name)
    {
        weights.Remove(name);
        Refused(name);
    }

    [Theory]
    [InlineData("model.layers.0.self_attn.q_proj.bias")]
    [InlineData("model.layers.3.self_attn.q_proj.weight")]
    public void A_weight_that_the_model_has_no_place_for_is_named(string name)
    {
        weights[name] = zeros(3);
        Refused(name);
    }

    [Fact]
    public void A_weight_of_another_shape_or_type_is_named()
    {
        const string name = "model.layers.1.mlp.down_proj.weight";
        weights[name] = weights[name].t();
        Refused(name);
        weights[name] = weights[name].t().to(ScalarType.Float64);
        Refused(name);
    }

    [Fact]
    public void A_tied_model_may_bring_its_head_once_more()
    {
        weights["lm_head.weight"] = ones(50, 24);
        using var model = new Decoder(TinyDecoder.Config, weights);

        Assert.Equal(0, model.Logits(ones(1, 24)).abs().sum().item<float>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tied_models_file_with_another_head_is_refused(bool sameShape)
    {
        // Some readers would take it for the output, others the embeddings.
        foreach (var tied in GoldenModel.Cases().Where(folder => ModelConfig.Read(folder).TiedEmbeddings))
        {
            using var folder = new TemporaryFolder();
            File.Copy(Path.Combine(tied, "config.json"), folder.File("config.json"));
            using var checkpoint = CheckpointFolder.Open(tied);
            var stored = checkpoint.TensorNames.ToDictionary(name => name, name => checkpoint.Load(name), StringComparer.Ordinal);
            var embedding = stored["model.embed_tokens.weight"];
            SafetensorsWriter.Write(folder.File("model.safetensors"), stored.Append(KeyValuePair.Create("lm_head.weight", embedding.clone())));
            Decoder.Load(folder.FullPath).Dispose();

            SafetensorsWriter.Write(folder.File("model.safetensors"), stored.Append(KeyValuePair.Create("lm_head.weight", sameShape ? embedding.Times(2) : embedding[0])));

            var message = Assert.Throws<DitException>(() => Decoder.Load(folder.FullPath)).Message;
            Assert.StartsWith(folder.FullPath + ": ", message, StringComparison.Ordinal);
            Assert.Contains("lm_head.weight", message, StringComparison.Ordinal);
        }
    }

    private void Refused(string name) =>
        Assert.Contains(name, Assert.Throws<DitException>(() => new Decoder(TinyDecoder.Config, weights)).Message);
}
