using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

public sealed class SafetensorsRoundTripTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<ScalarType> Types =>
    [
        ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float64, ScalarType.Int64, ScalarType.Int32,
        ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_element_type_comes_back_with_its_bits(ScalarType type)
    {
        var values = randn(3, 5).Times(50).to(type);
        var path = folder.File("x.safetensors");
        SafetensorsWriter.Write(path, [new("x", values)]);

        using var file = SafetensorsFile.Open(path);
        var loaded = file.Load("x");

        Assert.Equal(type, file.Tensors["x"].Type);
        Assert.Equal(type, loaded.dtype);
        Assert.Equal([3, 5], loaded.shape);
        AssertSameBits(values, loaded);
    }

    [Fact]
    public void Scalars_empty_tensors_views_and_metadata_come_back()
    {
        var path = folder.File("x.safetensors");
        var matrix = Arithmetic.Range(12, ScalarType.Float32).reshape(3, 4);
        SafetensorsWriter.Write(
            path,
            [new("scalar", tensor(2.5f)), new("empty", zeros(0, 7)), new("transposed", matrix.t()), new("näme \"x\"", matrix)],
            new Dictionary<string, string> { ["format"] = "pt" });

        using var file = SafetensorsFile.Open(path);

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(4, file.Tensors.Count);
        Assert.Equal(2.5f, file.Load("scalar").item<float>());
        Assert.Equal([0, 7], file.Load("empty").shape);
        AssertSameBits(matrix.t(), file.Load("transposed"));
        AssertSameBits(matrix, file.Load("näme \"x\""));
        Assert.Equal(ScalarType.BFloat16, file.Load("transposed", ScalarType.BFloat16).dtype);
    }

    [Fact]
    public void A_tensor_larger_than_one_piece_of_copying_comes_back()
    {
        var large = Arithmetic.Range(5_000_001);
        SafetensorsWriter.Write(folder.File("x"), [new("small", ones(3, ScalarType.Byte)), new("large", large)]);

        using var file = SafetensorsFile.Open(folder.File("x"));

        AssertSameBits(large, file.Load("large"));
        Assert.Equal(3, file.Load("small").sum().item<long>());
    }

    [Fact]
    public void The_same_tensors_give_the_same_aligned_bytes_in_any_order()
    {
        var tensors = new Dictionary<string, Tensor> { ["b"] = randn(3), ["a"] = ones(3, ScalarType.Bool), ["c"] = ones(2, ScalarType.Int64) };
        SafetensorsWriter.Write(folder.File("1"), tensors, new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" });
        SafetensorsWriter.Write(folder.File("2"), tensors.Reverse(), new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" });

        Assert.Equal(File.ReadAllBytes(folder.File("1")), File.ReadAllBytes(folder.File("2")));
        using var file = SafetensorsFile.Open(folder.File("1"));
        Assert.All(file.Tensors.Values, t => Assert.Equal(0, t.Offset % (t.Length / t.Shape[0])));
        Assert.Equal(0, file.Tensors.Values.Min(t => t.Offset) % 8);
    }

    [Fact]
    public void Loaded_tensors_outlive_the_file_and_the_file_may_be_replaced()
    {
        var path = folder.File("x.safetensors");
        SafetensorsWriter.Write(path, [new("x", ones(4))]);
        Tensor loaded;
        using (var file = SafetensorsFile.Open(path))
        {
            loaded = file.Load("x");
            SafetensorsWriter.Write(path, [new("x", zeros(4))]);
            Assert.Equal(4f, file.Load("x").sum().item<float>());
        }

        loaded.Plus_(1);
        Assert.Equal(8f, loaded.sum().item<float>());
        using var again = SafetensorsFile.Open(path);
        Assert.Equal(0f, again.Load("x").sum().item<float>());
    }

    [Fact]
    public void Names_that_the_format_cannot_hold_are_refused()
    {
        var path = folder.File("x.safetensors");

        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [new("x", ones(1)), new("x", ones(2))]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [new("__metadata__", ones(1))]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [new("x", ones(1, ScalarType.ComplexFloat32))]));
        Assert.False(File.Exists(path));
    }

    private static void AssertSameBits(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.contiguous().bytes.SequenceEqual(actual.contiguous().bytes));
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }
}
