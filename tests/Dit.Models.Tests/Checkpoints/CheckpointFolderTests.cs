using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<string> GoldenModels => [.. GoldenFolder.Cases("models")];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(GoldenModels))]
    public void Every_weight_of_a_golden_model_loads(string path)
    {
        using var checkpoint = CheckpointFolder.Open(path);

        Assert.NotEmpty(checkpoint.TensorNames);
        Assert.All(checkpoint.TensorNames, name => Assert.True(checkpoint.Load(name, ScalarType.Float32).isfinite().all().item<bool>()));
    }

    [Fact]
    public void A_single_file_is_read()
    {
        SafetensorsWriter.Write(folder.File("model.safetensors"), [new("w", Arithmetic.Full([2, 3], 5))]);

        using var checkpoint = CheckpointFolder.Open(folder.FullPath);

        Assert.Equal(["w"], checkpoint.TensorNames);
        Assert.Equal(30f, checkpoint.Load("w", ScalarType.Float64).sum().item<double>());
        Assert.Equal(folder.FullPath, checkpoint.FolderPath);
    }

    [Fact]
    public void Shards_are_read_through_their_index()
    {
        WriteShards();

        using var checkpoint = CheckpointFolder.Open(folder.FullPath);

        Assert.Equal(["a", "b", "c"], checkpoint.TensorNames.Order());
        Assert.Equal(3f, checkpoint.Load("c").item<float>());
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        WriteShards();
        File.Delete(folder.File("2.safetensors"));

        AssertRefused("2.safetensors");
    }

    [Fact]
    public void A_weight_missing_from_its_shard_is_named()
    {
        WriteShards();
        SafetensorsWriter.Write(folder.File("2.safetensors"), [new("b", tensor(2f))]);

        AssertRefused("2.safetensors", "'c'");
    }

    [Fact]
    public void A_truncated_shard_is_refused_when_opening()
    {
        WriteShards();
        var bytes = File.ReadAllBytes(folder.File("2.safetensors"));
        File.WriteAllBytes(folder.File("2.safetensors"), bytes[..^1]);

        AssertRefused("2.safetensors");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not JSON")]
    [InlineData("{\"weight_map\": {}}")]
    [InlineData("{\"weight_map\": {\"a\": 1}}")]
    [InlineData("{\"weight_map\": {\"a\": \"model.bin\"}}")]
    [InlineData("{\"weight_map\": {\"a\": \"../1.safetensors\"}}")]
    [InlineData("{\"weight_map\": {\"a\": \"/tmp/1.safetensors\"}}")]
    [InlineData("{\"weight_map\": {\"a\": \"1\\u0000.safetensors\"}}")]
    [InlineData("{\"weight_map\": {\"\\ud800\": \"1.safetensors\"}}")]
    public void A_wrong_index_is_refused(string index)
    {
        WriteShards();
        File.WriteAllText(folder.File("model.safetensors.index.json"), index);

        AssertRefused("model.safetensors.index.json");
    }

    [Fact]
    public void An_empty_folder_a_missing_one_and_an_unknown_weight_are_errors_for_people()
    {
        AssertRefused("model.safetensors");
        Assert.Throws<DitException>(() => CheckpointFolder.Open(folder.File("missing")));

        WriteShards();
        using var checkpoint = CheckpointFolder.Open(folder.FullPath);
        Assert.Contains("'d'", Assert.Throws<DitException>(() => checkpoint.Load("d")).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private void AssertRefused(params string[] named)
    {
        var error = Assert.Throws<DitException>(() => CheckpointFolder.Open(folder.FullPath));
        Assert.StartsWith(folder.FullPath, error.Message, StringComparison.Ordinal);
        Assert.All(named, n => Assert.Contains(n, error.Message, StringComparison.Ordinal));
    }

    private void WriteShards()
    {
        SafetensorsWriter.Write(folder.File("1.safetensors"), [new("a", tensor(1f))]);
        SafetensorsWriter.Write(folder.File("2.safetensors"), [new("b", tensor(2f)), new("c", tensor(3f))]);
        File.WriteAllText(
            folder.File("model.safetensors.index.json"),
            """{"metadata": {"total_size": 12}, "weight_map": {"a": "1.safetensors", "b": "2.safetensors", "c": "2.safetensors"}}""");
    }
}
