using System.Text.Json;
using CsCheck;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

public sealed class PeftWriteTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    [Fact]
    public void Any_mixture_of_ranks_and_scalings_that_a_file_can_hold_comes_back()
    {
        var site = Gen.Select(Gen.Int[1, 9], Gen.Double[-40, 40], Gen.Bool);
        Gen.Select(site.Array[1, 6], Gen.Bool).Sample((sites, stabilised) =>
        {
            using var inner = NewDisposeScope();
            var adapter = new PeftAdapter("a/base", sites.Select((s, i) => (s, i)).ToDictionary(
                t => $"model.layers.{t.i / 2}.mlp.{(t.i % 2 == 0 ? "up" : "down")}_proj",
                t => Factors(t.s.Item1, (t.s.Item3 ? Math.Round(t.s.Item2) : t.s.Item2) / (stabilised ? Math.Sqrt(t.s.Item1) : t.s.Item1))));
            PeftAdapterFolder.Write(folder.FullPath, adapter);
            PeftAssert.Same(adapter, PeftAdapterFolder.Read(folder.FullPath));
        }, iter: 100, threads: 1);
    }

    [Fact]
    public void A_scaling_that_no_file_can_hold_comes_back_as_its_neighbour()
    {
        var odd = Enumerable.Range(0, 100).Select(i => 1.5 + (i * Math.Pow(2, -52)))
            .First(s => !PeftScalingIsExact(s));
        var adapter = new PeftAdapter("base", new Dictionary<string, LowRankFactors> { ["x"] = Factors(3, odd), ["y"] = Factors(5, 0.1) });

        PeftAdapterFolder.Write(folder.FullPath, adapter);

        Assert.Equal(odd, PeftAdapterFolder.Read(folder.FullPath).Sites["x"].Scaling, 1e-15);
    }

    [Fact]
    public void Names_that_end_like_others_keep_their_own_values()
    {
        var adapter = new PeftAdapter("", new Dictionary<string, LowRankFactors>
        {
            ["q"] = Factors(3, 7), ["model.q"] = Factors(2, 1), ["model.v"] = Factors(2, 1), ["other(model).v"] = Factors(5, 2), ["v"] = Factors(2, 9),
        });

        PeftAdapterFolder.Write(folder.FullPath, adapter);

        PeftAssert.Same(adapter, PeftAdapterFolder.Read(folder.FullPath));
    }

    [Fact]
    public void Target_modules_are_short_where_all_layers_are_alike_and_whole_names_otherwise()
    {
        Dictionary<string, LowRankFactors> sites = new()
        {
            ["model.layers.0.self_attn.q_proj"] = Factors(2, 1), ["model.layers.0.mlp.up_proj"] = Factors(2, 1),
            ["model.layers.10.self_attn.q_proj"] = Factors(2, 1), ["model.layers.10.mlp.up_proj"] = Factors(2, 1),
        };
        PeftAdapterFolder.Write(folder.FullPath, new PeftAdapter("base", sites));
        Assert.Equal(["q_proj", "up_proj"], Targets());

        sites.Remove("model.layers.10.mlp.up_proj");
        PeftAdapterFolder.Write(folder.FullPath, new PeftAdapter("base", sites));
        Assert.Equal(["model.layers.0.mlp.up_proj", "model.layers.0.self_attn.q_proj", "model.layers.10.self_attn.q_proj"], Targets());
    }

    [Fact]
    public void For_a_multimodal_base_modules_have_their_names_there_and_no_short_name_means_the_image_part()
    {
        Dictionary<string, LowRankFactors> sites = new()
        {
            ["model.layers.0.self_attn.q_proj"] = Factors(2, 1), ["model.layers.1.self_attn.q_proj"] = Factors(3, 2),
        };
        PeftAdapterFolder.Write(folder.FullPath, new PeftAdapter("base", sites), forMultimodal: true);

        PeftAssert.Same(new PeftAdapter("base", sites), PeftAdapterFolder.Read(folder.FullPath));
        Assert.Equal(["model.language_model.layers.0.self_attn.q_proj", "model.language_model.layers.1.self_attn.q_proj"], Targets());
        using var file = SafetensorsFile.Open(folder.File("adapter_model.safetensors"));
        Assert.All(file.Tensors.Keys, name => Assert.StartsWith("base_model.model.model.language_model.layers.", name, StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_adapter_gives_the_same_bytes_and_keeps_half_precision()
    {
        Dictionary<string, LowRankFactors> sites = new()
        {
            ["b"] = new(randn(2, 3).bfloat16(), randn(4, 2).to(ScalarType.Float16), 2), ["a"] = Factors(2, 2),
        };
        PeftAdapterFolder.Write(folder.File("1"), new PeftAdapter("base", sites));
        PeftAdapterFolder.Write(folder.File("2"), new PeftAdapter("base", sites.Reverse().ToDictionary()));

        PeftAssert.Same(new PeftAdapter("base", sites), PeftAdapterFolder.Read(folder.File("1")));
        foreach (var name in (string[])["adapter_config.json", "adapter_model.safetensors"])
        {
            Assert.Equal(File.ReadAllBytes(folder.File("1/" + name)), File.ReadAllBytes(folder.File("2/" + name)));
        }
    }

    [Fact]
    public void What_is_no_adapter_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => PeftAdapterFolder.Write(folder.FullPath, new PeftAdapter("", new Dictionary<string, LowRankFactors>())));
        Assert.Throws<ArgumentException>(() => WriteOne(Factors(2, double.NaN)));
        Assert.Throws<ArgumentException>(() => WriteOne(new LowRankFactors(zeros(2, 3), zeros(4, 3), 1)));
        Assert.Throws<ArgumentException>(() => WriteOne(new LowRankFactors(zeros(2), zeros(4, 2), 1)));
        Assert.Throws<ArgumentException>(() => WriteOne(new LowRankFactors(zeros(2, 3, ScalarType.Int64), zeros(4, 2), 1)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private static LowRankFactors Factors(int rank, double scaling) => new(randn(rank, 3), randn(4, rank), scaling);

    private static bool PeftScalingIsExact(double scaling) =>
        new[] { 3 * scaling, Math.BitIncrement(3 * scaling), Math.BitDecrement(3 * scaling) }.Any(a => (a / 3).Equals(scaling));

    private void WriteOne(LowRankFactors factors) =>
        PeftAdapterFolder.Write(folder.FullPath, new PeftAdapter("", new Dictionary<string, LowRankFactors> { ["x"] = factors }));

    private IEnumerable<string> Targets()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(folder.File("adapter_config.json")));
        return [.. json.RootElement.GetProperty("target_modules").EnumerateArray().Select(t => t.GetString()!)];
    }
}
