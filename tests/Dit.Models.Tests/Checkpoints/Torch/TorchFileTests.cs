using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Torch;

public sealed class TorchFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Plain_data_comes_back_as_it_was()
    {
        var path = folder.File("plain.pt");
        string[] texts = ["", "Ünïcode \u2028 \U0001F600", new string('x', 300)];
        long[] numbers = [0, 1, 255, 256, -1, int.MaxValue, int.MinValue, (long)int.MaxValue + 1, long.MinValue, long.MaxValue];
        TorchWriter.Write(path, new Dictionary<string, object?>
        {
            ["texts"] = texts.Concat(texts).Cast<object?>().ToList(), ["numbers"] = numbers.Cast<object?>().ToList(), ["none"] = null, ["yes"] = true,
            ["no"] = false, ["pi"] = Math.PI, ["empty"] = new List<object?>(), ["pair"] = new TorchTuple([1L, new TorchTuple([])]),
        });

        using var file = TorchFile.Open(path);
        var root = Assert.IsType<TorchDict>(file.Root);

        Assert.Equal(["texts", "numbers", "none", "yes", "no", "pi", "empty", "pair"], root.Entries.Select(entry => entry.Key));
        Assert.Equal(texts.Concat(texts), Assert.IsType<TorchList>(root["texts"]).Items);
        Assert.Equal(numbers.Cast<object>(), Assert.IsType<TorchList>(root["numbers"]).Items);
        Assert.Equal((null, true, false, Math.PI), (root["none"], root["yes"], root["no"], root["pi"]));
        Assert.Empty(Assert.IsType<TorchList>(root["empty"]).Items);
        Assert.Equal(1L, Assert.IsType<TorchTuple>(root["pair"]).Items[0]);
        Assert.True(root.Has("none") && !root.Has("others"));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void Tensors_of_every_type_come_back_with_their_bits(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var path = folder.File("tensors.pt");
        var matrix = Arithmetic.Range(-6, 6).view(3, 4).to(type);
        Tensor[] tensors = [matrix, matrix.t(), matrix.slice(1, 1, 3, 1), tensor(3).to(type), zeros(0, dtype: type), zeros([2, 0, 3], dtype: type)];
        TorchWriter.Write(path, tensors.Cast<object?>().ToList());

        using var file = TorchFile.Open(path);
        var read = Assert.IsType<TorchList>(file.Root).Items.Select(item => file.Load(Assert.IsType<TorchTensor>(item))).ToList();

        Assert.All(tensors.Zip(read), pair =>
        {
            Assert.Equal((pair.First.dtype, string.Join(',', pair.First.shape)), (pair.Second.dtype, string.Join(',', pair.Second.shape)));
            Assert.True(pair.First.eq(pair.Second).all().item<bool>());
        });
    }

    [Fact]
    public void Records_begin_where_they_can_be_mapped()
    {
        using var scope = NewDisposeScope();
        var path = folder.File("aligned.pt");
        TorchWriter.Write(path, Enumerable.Range(1, 70).Select(i => (object?)zeros(i, dtype: ScalarType.Byte)).ToList());

        using var file = TorchFile.Open(path);

        Assert.All(Assert.IsType<TorchList>(file.Root).Items, item => Assert.Equal(0, ((TorchTensor)item!).Storage.Position % 64));
    }

    [Fact]
    public void An_archive_may_have_more_records_than_a_small_one_can_count()
    {
        using var scope = NewDisposeScope();
        var path = folder.File("many.pt");
        var one = tensor(7);
        TorchWriter.Write(path, Enumerable.Repeat((object?)one, 66_000).ToList());

        using var file = TorchFile.Open(path);

        Assert.Equal(7, file.Load((TorchTensor)Assert.IsType<TorchList>(file.Root).Items[^1]!).item<int>());
    }

    [Fact]
    public void The_same_data_gives_the_same_bytes()
    {
        using var scope = NewDisposeScope();
        var data = new Dictionary<string, object?> { ["a"] = Arithmetic.Range(5), ["b"] = "text" };
        TorchWriter.Write(folder.File("one.pt"), data);
        TorchWriter.Write(folder.File("other.pt"), data);

        Assert.Equal(File.ReadAllBytes(folder.File("one.pt")), File.ReadAllBytes(folder.File("other.pt")));
    }

    [Fact]
    public void What_a_file_cannot_hold_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => TorchWriter.Write(folder.File("no.pt"), new List<object?> { DateTime.UnixEpoch }));
        Assert.Empty(Directory.EnumerateFiles(folder.FullPath));
    }

    public void Dispose() => folder.Dispose();
}
