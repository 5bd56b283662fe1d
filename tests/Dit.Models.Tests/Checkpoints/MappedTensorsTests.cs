using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

public sealed class MappedTensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<ScalarType> Types => SafetensorsRoundTripTests.Types;

    [Theory]
    [MemberData(nameof(Types))]
    public void A_view_has_the_bits_of_a_copy(ScalarType type)
    {
        var path = folder.File("x.safetensors");
        SafetensorsWriter.Write(path, [new("a", randn(3, 5).Times(50).to(type)), new("b", randn(7).Times(50).to(type)), new("c", randn(2, 2).Times(50).to(type))]);

        using var file = SafetensorsFile.Open(path);

        foreach (var name in file.Tensors.Keys)
        {
            AssertSameBits(file.Load(name), file.Map(name));
        }
    }

    [Fact]
    public void Scalars_and_empty_tensors_are_mapped_too()
    {
        var path = folder.File("x.safetensors");
        SafetensorsWriter.Write(path, [new("scalar", tensor(2.5f).to(ScalarType.BFloat16)), new("empty", zeros([0, 7], ScalarType.BFloat16))]);

        using var file = SafetensorsFile.Open(path);

        Assert.Equal([], file.Map("scalar").shape);
        Assert.Equal(2.5f, file.Map("scalar", ScalarType.Float32).item<float>());
        Assert.Equal([0, 7], file.Map("empty").shape);
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Int64)]
    public void Tensors_that_do_not_lie_on_their_elements_bounds_are_read_all_the_same(ScalarType type)
    {
        var values = randn(4, 3).Times(50).to(type);
        for (var padding = 0; padding < 9; padding++)
        {
            var path = folder.File($"{padding}.safetensors");
            var code = type switch { ScalarType.BFloat16 => "BF16", ScalarType.Float32 => "F32", _ => "I64" };
            var header = Encoding.UTF8.GetBytes($$$"""{"x":{"dtype":"{{{code}}}","shape":[4,3],"data_offsets":[0,{{{values.bytes.Length}}}]}}""" + new string(' ', padding));
            var prefix = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
            File.WriteAllBytes(path, [.. prefix, .. header, .. values.bytes]);

            using var file = SafetensorsFile.Open(path);

            AssertSameBits(values, file.Map("x"));
        }
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float32)]
    public void Converting_by_pieces_gives_what_converting_at_once_gives(ScalarType to)
    {
        var large = randn(5_000_001).Times(50).to(ScalarType.BFloat16);
        SafetensorsWriter.Write(folder.File("x"), [new("large", large), new("flags", randn(9).IsAbove(0))]);

        using var file = SafetensorsFile.Open(folder.File("x"));

        AssertSameBits(large.to(to), file.Map("large", to));
        AssertSameBits(large.to(to), file.Load("large", to));
        AssertSameBits(file.Load("flags").to(to), file.Load("flags", to));
    }

    [Fact]
    public void Views_outlive_their_file_and_what_is_written_to_them_stays_theirs()
    {
        var path = folder.File("x.safetensors");
        SafetensorsWriter.Write(path, [new("x", ones([300, 300], ScalarType.BFloat16)), new("y", Arithmetic.Full([3], 7, ScalarType.BFloat16))]);
        Tensor view, other;
        using (var file = SafetensorsFile.Open(path))
        {
            view = file.Map("x");
            other = file.Map("x").slice(0, 10, 20, 1);
            Assert.Equal(7, file.Map("y").to(ScalarType.Float32).min().item<float>());
            SafetensorsWriter.Write(path, [new("x", zeros([300, 300], ScalarType.BFloat16))]);
            view.Plus_(1);
            Assert.Equal(1, file.Load("x").max().to(ScalarType.Float32).item<float>());
        }

        GC.Collect();
        Assert.Equal(2, view.to(ScalarType.Float32).mean().item<float>());
        view.Dispose();
        Assert.Equal(2, other.to(ScalarType.Float32).mean().item<float>());
        using var again = SafetensorsFile.Open(path);
        Assert.Equal(0, again.Map("x").to(ScalarType.Float32).max().item<float>());
    }

    [Fact]
    public void The_mapping_goes_with_the_last_of_its_tensors()
    {
        var path = folder.File("gone.safetensors");
        SafetensorsWriter.Write(path, [new("x", ones([300, 300], ScalarType.BFloat16))]);
        var file = SafetensorsFile.Open(path);
        var (one, two) = (file.Map("x"), file.Map("x"));
        Assert.True(IsMapped());
        file.Dispose();
        one.Dispose();
        Assert.True(IsMapped());
        two.Dispose();
        Assert.False(IsMapped());

        bool IsMapped() => File.ReadLines("/proc/self/maps").Any(line => line.EndsWith("/gone.safetensors", StringComparison.Ordinal));
    }

    private static void AssertSameBits(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.contiguous().bytes.SequenceEqual(actual.contiguous().bytes));
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }
}
