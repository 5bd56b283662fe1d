using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Cli.Tests;

/// <summary>Finetunes that are whole checkpoints: asked, made into adapters, and made from adapters.</summary>
public sealed class CheckpointTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private const string Site = "model.layers.0.mlp.up_proj";
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_checkpoint_is_extracted_and_merged_again()
    {
        var checkpoint = Checkpoint(weights => weights[Site + ".weight"].Plus_(0.5));
        var (adapter, merged) = (folder.File("adapter"), folder.File("merged"));

        var extracted = DitProcess.Run("diff", "extract", checkpoint, "--base", model.Folder, "--rank", "1", "--out", adapter);
        Assert.Equal((0, ""), (extracted.ExitCode, extracted.Error));
        Assert.Contains("model.layers.0: norm 9.798, kept energy 100 %", extracted.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(adapter, "dit-extract.json")));

        var written = DitProcess.Run("diff", "merge", adapter, "--base", model.Folder, "--out", merged, "--dtype", "float32");
        Assert.Equal((0, ""), (written.ExitCode, written.Error));
        Assert.Contains("1 weights merged, 384 of 384 numbers changed", written.Output, StringComparison.Ordinal);
        using var scope = NewDisposeScope();
        using var expected = CheckpointFolder.Open(checkpoint);
        using var found = CheckpointFolder.Open(merged);
        Assert.True(found.Load(Site + ".weight").allclose(expected.Load(Site + ".weight"), atol: 1e-5));

        var answer = DitProcess.Run("ask", merged, "What?", "--no-adapter");
        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
    }

    [Fact]
    public void What_an_adapter_cannot_hold_is_said_aloud()
    {
        var checkpoint = Checkpoint(weights =>
        {
            weights[Site + ".weight"].Plus_(0.5);
            weights["model.norm.weight"].Times_(1.5);
        });

        var extracted = DitProcess.Run("diff", "extract", checkpoint, "--base", model.Folder, "--rank", "full", "--out", folder.File("adapter"));

        Assert.Equal(0, extracted.ExitCode);
        Assert.Contains("Warning: 1 weights outside the linear layers changed too", extracted.Error, StringComparison.Ordinal);
        Assert.Contains("model.norm.weight: norm 2, 50 % of the base's", extracted.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_are_left_out_are_mentioned()
    {
        var checkpoint = Checkpoint(weights => weights["model.embed_tokens.weight"] = cat([weights["model.embed_tokens.weight"].Times(2), ones(3, 16)]));
        var config = Path.Combine(checkpoint, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"vocab_size\": 400", "\"vocab_size\": 403", StringComparison.Ordinal));

        var answer = DitProcess.Run("ask", model.Folder, "What?", "--diff", checkpoint, "--no-adapter");

        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("Note: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("403 rows, 3 more than the base", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rank", "0")]
    [InlineData("--rank", "all")]
    [InlineData("--rank", "-1")]
    public void A_rank_that_is_none_is_a_usage_error(params string[] wrong)
    {
        var outcome = DitProcess.Run(["diff", "extract", "x", "--out", folder.File("y"), .. wrong]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("--rank must be", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_that_is_none_is_a_usage_error()
    {
        var outcome = DitProcess.Run("diff", "merge", "x", "--out", folder.File("y"), "--dtype", "int8");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("int8", outcome.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private string Checkpoint(Action<Dictionary<string, Tensor>> change)
    {
        var path = folder.File("checkpoint");
        Directory.CreateDirectory(path);
        foreach (var file in Directory.GetFiles(model.Folder, "*.json"))
        {
            File.Copy(file, Path.Combine(path, Path.GetFileName(file)));
        }

        using var scope = NewDisposeScope();
        using var source = CheckpointFolder.Open(model.Folder);
        var weights = source.TensorNames.ToDictionary(name => name, name => source.Load(name, ScalarType.Float32), StringComparer.Ordinal);
        change(weights);
        SafetensorsWriter.Write(Path.Combine(path, "model.safetensors"), weights);
        return path;
    }
}
