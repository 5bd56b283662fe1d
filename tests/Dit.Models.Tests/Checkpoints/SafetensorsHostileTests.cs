using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

public sealed class SafetensorsHostileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> GoldenFiles
    {
        get
        {
            var files = new TheoryData<string>();
            foreach (var expected in GoldenFolder.Cases("reference-pt").Select(c => Path.Combine(c, "expected.json")).Where(File.Exists))
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(expected));
                if (json.RootElement.TryGetProperty("files", out var listed))
                {
                    files.AddRange(listed.EnumerateArray()
                        .Where(f => f.GetProperty("expected").GetString()!.StartsWith("error", StringComparison.Ordinal))
                        .Select(f => f.GetProperty("file").GetString()!)
                        .Where(f => f.EndsWith(".safetensors", StringComparison.Ordinal))
                        .Select(f => Path.Combine(Path.GetDirectoryName(expected)!, f))
                        .ToArray());
                }
            }

            return files;
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(GoldenFiles))]
    public void Hostile_golden_files_are_refused_in_a_sentence_that_names_them(string path)
    {
        var error = Assert.Throws<DitException>(() => SafetensorsFile.Open(path));

        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0, "header")]
    [InlineData("   {}", 0, "header")]
    [InlineData("[]", 0, "header")]
    [InlineData("{", 0, "valid JSON")]
    [InlineData("{}", 1, "data")]
    [InlineData("{\"a\":1}", 0, "dtype, shape and data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "F8_E4M3")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", 1, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", 1, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[\"1\"],\"data_offsets\":[0,1]}}", 1, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":1,\"data_offsets\":[0,1]}}", 1, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,1]}}", 1, "shape")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296,1],\"data_offsets\":[0,0]}}", 0, "fits into memory")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[0,4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, "fits into memory")]
    [InlineData("{\"a\":{\"dtype\":\"I64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}", 0, "fits into memory")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", 1, "range")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,2]}}", 1, "range")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[-1,0]}}", 1, "range")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", 2, "range")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "found it at byte 1")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 2, "1 bytes of data, found 2")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,0]}}", 0, "expected 1 bytes")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "JSON")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "JSON")]
    [InlineData("{\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "JSON")]
    [InlineData("{\"a\":{\"dtype\":\"\\ud800\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "JSON")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", 0, "strings only")]
    [InlineData("{\"__metadata__\":[]}", 0, "strings only")]
    public void A_header_that_is_wrong_in_one_way_is_refused(string header, int dataBytes, string expected)
    {
        var path = WriteRaw((ulong)Encoding.UTF8.GetByteCount(header), Encoding.UTF8.GetBytes(header), dataBytes);

        var error = Assert.Throws<DitException>(() => SafetensorsFile.Open(path));

        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(3UL)]
    public void A_header_length_beyond_the_file_is_refused(ulong length) =>
        Assert.Throws<DitException>(() => SafetensorsFile.Open(WriteRaw(length, "{}"u8, 0)));

    [Fact]
    public void Deep_nesting_bytes_that_are_no_text_and_too_many_dimensions_are_refused()
    {
        var deep = Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 100_000));
        var ones = Encoding.UTF8.GetBytes(
            $"{{\"a\":{{\"dtype\":\"U8\",\"shape\":[{string.Join(',', Enumerable.Repeat(1, 1000))}],\"data_offsets\":[0,1]}}}}");

        Assert.Throws<DitException>(() => SafetensorsFile.Open(WriteRaw((ulong)deep.Length, deep, 0)));
        Assert.Throws<DitException>(() => SafetensorsFile.Open(WriteRaw((ulong)ones.Length, ones, 1)));
        Assert.Throws<DitException>(() => SafetensorsFile.Open(WriteRaw(5, [(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)'}'], 0)));
    }

    [Fact]
    public void Missing_files_folders_and_unknown_names_are_errors_for_people()
    {
        SafetensorsWriter.Write(folder.File("x"), [new("x", zeros(1))]);
        using var file = SafetensorsFile.Open(folder.File("x"));

        Assert.Throws<DitException>(() => SafetensorsFile.Open(folder.File("missing")));
        Assert.Throws<DitException>(() => SafetensorsFile.Open(folder.FullPath));
        Assert.Contains("'y'", Assert.Throws<DitException>(() => file.Load("y")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Booleans_that_are_neither_0_nor_1_become_true()
    {
        var header = "{\"a\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}"u8;
        var path = WriteRaw((ulong)header.Length, header, 2);
        var bytes = File.ReadAllBytes(path);
        bytes[^1] = 0xC3;
        File.WriteAllBytes(path, bytes);

        using var file = SafetensorsFile.Open(path);

        Assert.Equal([0, 1], file.Load("a").bytes.ToArray());
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_and_nothing_else()
    {
        var path = folder.File("x.safetensors");
        SafetensorsWriter.Write(
            path,
            [new("a", randn(2, 3)), new("b", ones(5, ScalarType.Bool)), new("c", zeros(0, 2)), new("d", tensor(7L))],
            new Dictionary<string, string> { ["format"] = "pt" });

        foreach (var bytes in Damage.Of(File.ReadAllBytes(path), rounds: 3000, seed: 1))
        {
            File.WriteAllBytes(path, bytes);
            try
            {
                using var scope = NewDisposeScope();
                using var file = SafetensorsFile.Open(path);
                foreach (var name in file.Tensors.Keys)
                {
                    file.Load(name, ScalarType.Float32);
                }
            }
            catch (DitException)
            {
                // One of the two outcomes that are right.
            }
        }
    }

    public void Dispose() => folder.Dispose();

    private string WriteRaw(ulong length, ReadOnlySpan<byte> header, int dataBytes)
    {
        var bytes = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        header.CopyTo(bytes.AsSpan(8));
        var path = folder.File("raw.safetensors");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
