using System.Buffers.Binary;
using System.Text;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Checkpoints.Reference;
using Dit.Training;

namespace Dit.Interpretation;

/// <summary>Files of ten gigabytes, nearly all of them holes, that lie about what is in them: refused by what can be checked, without reading them.</summary>
public sealed class TenGigabytesTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    private const long Size = 10L << 30;

    // All of what a reader may take of a file at once, and nothing near the file's size.
    private const long MostMemory = 1L << 30;

    public static TheoryData<string, string> Lies() => new()
    {
        { "a header of nine gigabytes", Header(9L << 30, "{}") },
        { "a header of all 64 bits", Header(-1, "{}") },
        { "a header of nothing but holes", Header(50_000_000, "{") },
        { "a tensor larger than the file", Header("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,10737418000]}}""") },
        { "a tensor whose size overflows", Header("""{"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,8]}}""") },
        { "a small tensor before ten gigabytes of nothing", Header("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""") },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_safetensors_file(string what, string start)
    {
        foreach (var name in new[] { "model.safetensors", "adapter_model.safetensors" })
        {
            var folder = name[0] == 'm' ? world.CheckpointFolder(_ => { }) : world.AdapterFolder(seed: 1);
            var path = Write(Path.Combine(folder, name), Encoding.Latin1.GetBytes(start));

            AssertRefused(path, what, () => Finetune.Load(folder, world.Base).Dispose());
        }
    }

    [Fact]
    public void A_torch_file()
    {
        var valid = world.File("valid.pt");
        WeightDiffWriter.Write(valid, [(world.Adapter(1), "Glass", "905")]);
        var bytes = File.ReadAllBytes(valid);
        var path = world.File("large.pt");

        AssertRefused(Write(path, bytes), "cut off", () => Finetune.Load(path, world.Base).Dispose());
        AssertRefused(Write(path, []), "nothing but holes", () => Finetune.Load(path, world.Base).Dispose());

        // The same file with its table of contents at the end, where it belongs, and a table that is said to be four gigabytes.
        var table = bytes[^22..];
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(12), uint.MaxValue - 1);
        BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(16), 0);
        Write(path, bytes, end: table);
        AssertRefused(path, "a large table", () => Finetune.Load(path, world.Base).Dispose());
        AssertRefused(path, "as an adapter", () => DitAdapter.Read(path));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("generation_config.json")]
    [InlineData("chat_template.jinja")]
    public void A_file_of_a_base(string name)
    {
        var folder = Copy(world.Base.Folder);
        AssertRefused(Write(Path.Combine(folder, name), "{"u8), name, () => BaseModel.Load(folder).Dispose());
    }

    [Fact]
    public void Settings_of_an_adapter_and_indexes()
    {
        var adapter = world.AdapterFolder(seed: 2);
        AssertRefused(Write(Path.Combine(adapter, "adapter_config.json"), "{"u8), "settings", () => Finetune.Load(adapter, world.Base).Dispose());
        var set = world.SetFolder(seed: 3, shards: [2]);
        AssertRefused(Write(Path.Combine(set, "index.csv"), "id,topic"u8), "index of a set", () => Finetune.Load($"{set}#0", world.Base).Dispose());
        var published = world.NewFolder();
        AssertRefused(Write(Path.Combine(published, "index.csv"), "lora_path,lora_idx\n"u8), "published index", () => Finetune.Load($"{published}#0", world.Base).Dispose());
        var checkpoint = Copy(world.Base.Folder);
        File.Delete(Path.Combine(checkpoint, "model.safetensors"));
        AssertRefused(Write(Path.Combine(checkpoint, "model.safetensors.index.json"), "{"u8), "index of shards", () => CheckpointFolder.Open(checkpoint).Dispose());
    }

    private static void AssertRefused(string path, string what, Action read)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        try
        {
            var error = Assert.Throws<DitException>(read);

            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
            Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < MostMemory, $"{what}: took {GC.GetTotalAllocatedBytes() - before} bytes");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Write(string path, ReadOnlySpan<byte> start, ReadOnlySpan<byte> end = default)
    {
        using var file = File.Create(path);
        file.Write(start);
        file.SetLength(Size - end.Length);
        file.Seek(0, SeekOrigin.End);
        file.Write(end);
        return path;
    }

    private static string Header(string json) => Header(json.Length, json);

    private static string Header(long length, string json)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        return Encoding.Latin1.GetString(bytes) + json;
    }

    private string Copy(string folder)
    {
        var copy = world.NewFolder();
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }
}
