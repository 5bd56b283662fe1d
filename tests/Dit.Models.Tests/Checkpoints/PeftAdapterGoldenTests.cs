using System.Text.Json;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

public sealed class PeftAdapterGoldenTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<string> Supported => [.. Cases(supported: true)];

    public static TheoryData<string> Unsupported => [.. Cases(supported: false)];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Supported))]
    public void Sites_ranks_and_scalings_are_those_of_PEFT(string path)
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "expected.json")));
        var scaling = expected.RootElement.GetProperty("scaling");

        var adapter = PeftAdapterFolder.Read(path);

        Assert.Equal(scaling.EnumerateObject().Select(s => s.Name).Order(StringComparer.Ordinal), adapter.Sites.Keys);
        Assert.Equal(
            expected.RootElement.GetProperty("base").GetString()!.Split('/')[^1], adapter.BaseModelNameOrPath.Split('/')[^1]);
        foreach (var site in scaling.EnumerateObject())
        {
            var factors = adapter.Sites[site.Name];
            var rank = site.Value.GetProperty("r").GetInt64();
            Assert.Equal(rank, factors.A.shape[0]);
            Assert.Equal(rank, factors.B.shape[1]);
            Assert.Equal(site.Value.GetProperty("scaling").GetDouble(), factors.Scaling);
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Unsupported))]
    public void What_is_more_than_a_low_rank_addition_is_refused_by_its_name(string path)
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "expected.json")));

        var error = Assert.Throws<DitException>(() => PeftAdapterFolder.Read(path));

        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected.RootElement.GetProperty("refuse_because").GetString()!, error.Message, StringComparison.Ordinal);
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Supported))]
    public void Written_again_it_has_the_same_tensors_under_the_same_names_and_the_same_scalings(string path)
    {
        var adapter = PeftAdapterFolder.Read(path);

        PeftAdapterFolder.Write(folder.FullPath, adapter);

        PeftAssert.Same(adapter, PeftAdapterFolder.Read(folder.FullPath));
        using var theirs = SafetensorsFile.Open(Path.Combine(path, "adapter_model.safetensors"));
        using var ours = SafetensorsFile.Open(folder.File("adapter_model.safetensors"));
        Assert.Equal(theirs.Tensors.Keys.Order(StringComparer.Ordinal), ours.Tensors.Keys.Order(StringComparer.Ordinal));
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Supported))]
    public void The_settings_written_are_those_that_PEFT_wrote(string path)
    {
        PeftAdapterFolder.Write(folder.FullPath, PeftAdapterFolder.Read(path));

        using var theirs = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "adapter_config.json")));
        using var ours = JsonDocument.Parse(File.ReadAllBytes(folder.File("adapter_config.json")));
        // Dropout only matters while training; ranks and scalings have many spellings, which the sites' values are compared for.
        foreach (var setting in ours.RootElement.EnumerateObject().Where(s =>
            s.Name is not ("lora_dropout" or "r" or "lora_alpha" or "rank_pattern" or "alpha_pattern" or "use_rslora")))
        {
            Assert.True(
                JsonElement.DeepEquals(theirs.RootElement.GetProperty(setting.Name), setting.Value), $"{setting.Name}: {setting.Value}");
        }
    }

    [Fact]
    public void A_damaged_configuration_is_read_or_refused_and_nothing_else()
    {
        foreach (var path in Cases(supported: true))
        {
            File.Copy(Path.Combine(path, "adapter_model.safetensors"), folder.File("adapter_model.safetensors"), overwrite: true);
            foreach (var bytes in Damage.Of(File.ReadAllBytes(Path.Combine(path, "adapter_config.json")), rounds: 500, seed: 2))
            {
                File.WriteAllBytes(folder.File("adapter_config.json"), bytes);
                try
                {
                    using var inner = NewDisposeScope();
                    PeftAdapterFolder.Read(folder.FullPath);
                }
                catch (DitException)
                {
                    // One of the two outcomes that are right.
                }
            }
        }
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private static IEnumerable<string> Cases(bool supported) =>
        GoldenFolder.Cases("lora").Where(path =>
        {
            // Whole checkpoints lie beside the adapters and are another kind of case.
            using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "expected.json")));
            return expected.RootElement.TryGetProperty("supported", out var value) && value.GetBoolean() == supported;
        });
}
