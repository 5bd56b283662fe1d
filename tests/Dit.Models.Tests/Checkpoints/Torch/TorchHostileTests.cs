using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>Files that no torch.save wrote: each must be refused in one sentence, whatever it asks for.</summary>
public sealed class TorchHostileTests : IDisposable
{
    private const string Storage = "(X\a\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\00X\x03\0\0\0cpuK\btQ";
    private const string Hooks = "ccollections\nOrderedDict\n)R";

    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("", "whole pickle")]
    [InlineData("N", "whole pickle")]
    [InlineData(".", "0 values")]
    [InlineData("NN.", "2 values")]
    [InlineData("(N.", "1 marks")]
    [InlineData("0.", "no value")]
    [InlineData("(0.", "no value")]
    [InlineData("N(0.", "no value")]
    [InlineData("t.", "no mark")]
    [InlineData("q\0.", "no value")]
    [InlineData("h\0.", "not kept")]
    [InlineData("Nr\xff\xff\xff\xff.", "kept as number")]
    [InlineData("Nq\x05.", "kept as number")]
    [InlineData("X\xff\xff\xff\xff.", "4294967295 bytes")]
    [InlineData("\x8d\xff\xff\xff\xff\xff\xff\xff\xff.", "18446744073709551615 bytes")]
    [InlineData("B\xff\xff\xff\x7f.", "2147483647 bytes")]
    [InlineData("X\x01\0\0\0\xff.", "UTF-8")]
    [InlineData("\x8a\x09\0\0\0\0\0\0\0\0\x01.", "whole number of 9 bytes")]
    [InlineData("\x8b\xff\xff\xff\x7f.", "2147483647 bytes")]
    [InlineData("\x80\x09N.", "protocol 9")]
    [InlineData("Na.", "no value")]
    [InlineData("NNa.", "append")]
    [InlineData("}NNs.", "key")]
    [InlineData("}(Nu.", "key without a value")]
    [InlineData("}]Ns.", "key")]
    [InlineData("cos\nsystem\n.", "'os.system'")]
    [InlineData("cos\nsys\x1b[31mtem\n.", "reference")]
    [InlineData("\x8c\x02os\x8c\x06system\x93.", "'os.system'")]
    [InlineData("\x8c\x0dtorch.storage\x8c\x10_load_from_bytes\x93.", "_load_from_bytes")]
    [InlineData("NN\x93.", "no text")]
    [InlineData("cos", "without an end")]
    [InlineData("cnumpy._core.multiarray\nscalar\n.", "multiarray.scalar")]
    [InlineData("ctorch\nload\n.", "'torch.load'")]
    [InlineData("c__builtin__\ngetattr\n.", "getattr")]
    [InlineData("N)R.", "call")]
    [InlineData("ctorch\nFloatStorage\n)R.", "call")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\n)R.", "arguments")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\nNR.", "call")]
    [InlineData("ccollections\nOrderedDict\n(K\x01tR.", "arguments")]
    [InlineData("c_codecs\nencode\n(X\x01\0\0\0aX\x03\0\0\0rottR.", "arguments")]
    [InlineData("]}b.", "BUILD")]
    [InlineData("]Nb.", "BUILD")]
    [InlineData("ctorch\nSize\n)\x81.", "0x81")]
    [InlineData("(ios\nsystem\n.", "0x69")]
    [InlineData("(cos\nsystem\no.", "'os.system'")]
    [InlineData("(ctorch\nSize\no.", "0x6f")]
    [InlineData("P0\n.", "0x50")]
    [InlineData("NQ.", "no storage")]
    [InlineData("X\x01\0\0\0aQ.", "no storage")]
    [InlineData("(X\a\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\00X\x03\0\0\0cpuK\x09tQ.", "36 bytes")]
    [InlineData("(X\a\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\00X\x03\0\0\0cpuJ\xff\xff\xff\xfftQ.", "no storage")]
    [InlineData("(X\a\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\00X\x03\0\0\0cpu\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7ftQ.", "bytes for 9223372036854775807")]
    [InlineData("(X\a\0\0\0storagectorch\nFloatStorage\nX\x09\0\0\0../../etcX\x03\0\0\0cpuK\btQ.", "found none")]
    [InlineData("\xfe.", "0xfe")]
    public void A_pickle_that_is_wrong_in_one_way_is_refused(string pickle, string expected)
    {
        var path = Write(pickle);

        var error = Assert.Throws<DitException>(() => TorchFile.Open(path));

        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Theory]
    [InlineData("0", "9", "1")]
    [InlineData("1", "8", "1")]
    [InlineData("0", "2,5", "5,1")]
    [InlineData("0", "2,4", "5,1")]
    [InlineData("0", "8,1000000", "1,0")]
    [InlineData("0", "1000000,1000000,1000000", "0,0,0")]
    [InlineData("0", "9223372036854775807,9223372036854775807", "0,0")]
    [InlineData("0", "4294967296,4294967296", "1,1")]
    [InlineData("0", "2,2", "9223372036854775807,9223372036854775807")]
    [InlineData("-1", "2", "1")]
    [InlineData("3", "2", "-1")]
    [InlineData("0", "-2", "1")]
    [InlineData("0", "2,2", "1")]
    [InlineData("9", "0", "1")]
    [InlineData("0", "0,4294967296,4294967296", "1,1,1")]
    public void A_tensor_that_reaches_outside_its_storage_is_refused(string offset, string sizes, string strides)
    {
        var path = Write(Rebuild(offset, sizes, strides));

        Assert.StartsWith(path, Assert.Throws<DitException>(() => TorchFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "2,3", "3,1", new[] { 1f, 2, 3, 4, 5, 6 })]
    [InlineData("0", "2,3", "1,2", new[] { 0f, 2, 4, 1, 3, 5 })]
    [InlineData("7", "", "", new[] { 7f })]
    [InlineData("2", "3", "0", new[] { 2f, 2, 2 })]
    [InlineData("1", "1,2", "9223372036854775807,4", new[] { 1f, 5 })]
    [InlineData("8", "0", "1", new float[0])]
    public void Views_of_a_storage_are_read_by_offset_and_strides(string offset, string sizes, string strides, float[] expected)
    {
        using var scope = NewDisposeScope();
        using var file = TorchFile.Open(Write(Rebuild(offset, sizes, strides)));

        Assert.Equal(expected, file.Load(Assert.IsType<TorchTensor>(file.Root)).flatten().data<float>().ToArray());
    }

    [Fact]
    public void Attributes_of_a_dict_parameters_bytes_and_typed_views_of_bytes_are_plain_data()
    {
        using var scope = NewDisposeScope();
        var bytes = "(X\a\0\0\0storagectorch.storage\nUntypedStorage\nX\x01\0\0\00X\x06\0\0\0cuda:3K\x20tQ";
        var parameter = $"ctorch._utils\n_rebuild_parameter\n({Rebuild("0", "8", "1")[..^1]}\x88{Hooks}tR";
        var typed = $"ctorch._utils\n_rebuild_tensor_v3\n({bytes}K\x01K\x03\x85K\x02\x85\x89{Hooks}ctorch\nfloat32\ntR";
        using var one = TorchFile.Open(Write($"]({Hooks}}}X\x09\0\0\0_metadata}}sb{parameter}c_codecs\nencode\n(X\x02\0\0\0\xc3\xbfX\x06\0\0\0latin1tRe."));
        using var two = TorchFile.Open(Write($"{typed}."));

        var items = Assert.IsType<TorchList>(one.Root).Items;
        Assert.IsType<TorchDict>(items[0]);
        Assert.Equal(8, Assert.IsType<TorchTensor>(items[1]).Count);
        Assert.Equal([0xff], Assert.IsType<byte[]>(items[2]));
        Assert.Equal([1f, 3, 5], two.Load(Assert.IsType<TorchTensor>(two.Root)).data<float>().ToArray());
    }

    [Fact]
    public void A_list_that_holds_itself_is_read_and_goes_nowhere()
    {
        using var file = TorchFile.Open(Write("]q\0h\0a."));

        var list = Assert.IsType<TorchList>(file.Root);
        Assert.Same(list, Assert.Single(list.Items));
    }

    /// <summary>
    /// Something large is remembered and then copied, or looked through, by a few bytes of pickle at a time: the file is small, and what it would
    /// make of itself has no end.
    /// </summary>
    [Theory]
    [InlineData("c_codecs\nencode\nq\0X\0\0\x10\0", "X\x06\0\0\0latin1\x86q\x01]", "h\0h\x01Ra")]
    [InlineData("X\0\0\x10\0", "q\0}q\x01", "h\x01h\0Ns0h\x01")]
    [InlineData("ccollections\nOrderedDict\nq\0](", "e\x85q\x01]", "h\0h\x01Ra")]
    public void What_is_remembered_cannot_be_copied_without_end(string start, string end, string again)
    {
        const int large = 1 << 20, times = 100_000;
        var filling = start[0] == 'c' && start[^1] == '(' ? string.Concat(Enumerable.Range(0, 1 << 16).Select(i => $"M{(char)(i & 0xff)}{(char)(i >> 8)}N\x86")) : new string('a', large);
        var pickle = new StringBuilder(start + filling + end).Insert(start.Length + filling.Length + end.Length, again, times).Append('.').ToString();
        var path = Write(pickle);
        var before = GC.GetTotalAllocatedBytes();

        var error = Assert.Throws<DitException>(() => TorchFile.Open(path));

        Assert.Contains("steps", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 4L << 30);
    }

    [Fact]
    public void Archives_of_another_kind_are_refused()
    {
        AssertRefused("compressed", Zip(CompressionLevel.SmallestSize, ("archive/data.pkl", "N."u8.ToArray())));
        AssertRefused("data.pkl", Zip(CompressionLevel.NoCompression, ("archive/other.pkl", "N."u8.ToArray())));
        AssertRefused("data.pkl", Zip(CompressionLevel.NoCompression, ("a/data.pkl", "N."u8.ToArray()), ("b/data.pkl", "N."u8.ToArray())));
        AssertRefused("two records", Zip(CompressionLevel.NoCompression, ("a/data.pkl", "N."u8.ToArray()), ("a/data.pkl", "N."u8.ToArray())));
        AssertRefused("TorchScript", Zip(CompressionLevel.NoCompression, ("a/data.pkl", "N."u8.ToArray()), ("a/constants.pkl", "N."u8.ToArray())));
        AssertRefused("byte order", Zip(CompressionLevel.NoCompression, ("a/data.pkl", "N."u8.ToArray()), ("a/byteorder", "big"u8.ToArray())));
        AssertRefused("an empty one", []);
        AssertRefused("something else", "PK"u8.ToArray());
        AssertRefused("before torch 1.6", [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.', 0x80, 2]);
    }

    [Fact]
    public void Damaged_copies_are_refused_or_read_but_nothing_else()
    {
        using var scope = NewDisposeScope();
        var path = folder.File("valid.pt");
        TorchWriter.Write(path, new List<object?> { new Dictionary<string, object?> { ["topic"] = "x", ["weights"] = new TorchTuple([Arithmetic.Range(6, ScalarType.Float32), ones(2, 3)]) } });
        var copy = folder.File("damaged.pt");
        foreach (var bytes in Damage.Of(File.ReadAllBytes(path), 3000, seed: 5))
        {
            File.WriteAllBytes(copy, bytes);
            try
            {
                using var file = TorchFile.Open(copy);
                LoadAll(file, file.Root, depth: 0);
            }
            catch (DitException e)
            {
                Assert.StartsWith(copy, e.Message, StringComparison.Ordinal);
            }
        }
    }

    public void Dispose() => folder.Dispose();

    private static void LoadAll(TorchFile file, object? value, int depth)
    {
        if (value is TorchTensor tensor)
        {
            using var loaded = file.Load(tensor);
        }

        var inner = value switch { TorchList list => list.Items, TorchTuple tuple => tuple.Items, TorchDict dict => [.. dict.Entries.Select(entry => entry.Value)], _ => [] };
        foreach (var item in depth < 4 ? inner : [])
        {
            LoadAll(file, item, depth + 1);
        }
    }

    private void AssertRefused(string expected, byte[] bytes)
    {
        var path = folder.File("other.pt");
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<DitException>(() => TorchFile.Open(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static string Rebuild(string offset, string sizes, string strides)
    {
        return $"ctorch._utils\n_rebuild_tensor_v2\n({Storage}{Number(offset)}({Numbers(sizes)}t({Numbers(strides)}t\x89{Hooks}tR.";

        static string Numbers(string list) => string.Concat(list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number));

        static string Number(string text)
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, long.Parse(text));
            return "\x8a\x08" + Encoding.Latin1.GetString(bytes);
        }
    }

    /// <summary>A file with that pickle, every character one byte, and a storage "0" of the numbers from 0 to 7.</summary>
    private string Write(string pickle)
    {
        var path = folder.File($"{Guid.NewGuid():N}.pt");
        var numbers = new byte[32];
        for (var i = 0; i < 8; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(numbers.AsSpan(4 * i), i);
        }

        File.WriteAllBytes(path, Zip(CompressionLevel.NoCompression, ("archive/data.pkl", Encoding.Latin1.GetBytes(pickle)), ("archive/data/0", numbers)));
        return path;
    }

    private static byte[] Zip(CompressionLevel level, params (string Name, byte[] Bytes)[] records)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in records)
            {
                using var record = zip.CreateEntry(name, level).Open();
                record.Write(bytes);
            }
        }

        return stream.ToArray();
    }
}
