using System.Text.Json;
using Dit.Models.Checkpoints;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>A golden model folder: the model, what it must give, and how closely.</summary>
internal sealed class GoldenModel(string folder)
{
    private static readonly string[] Families = ["qwen3", "gemma3_text", "llama", "qwen2", "mistral", "olmo2"];

    public string Folder { get; } = folder;

    public JsonElement Expected { get; } = Json(folder, "expected.json");

    public JsonElement Tolerances { get; } = Json(folder, "case.json").GetProperty("tolerances").GetProperty("suggested");

    /// <summary>All golden models of families that are supported.</summary>
    public static IEnumerable<string> Cases() => GoldenFolder.Cases("models").Where(folder => Families.Contains(Family(folder)));

    /// <summary>The golden models of one family.</summary>
    public static IEnumerable<string> Cases(string family) => GoldenFolder.Cases("models").Where(folder => Family(folder) == family);

    public static string Family(string folder) => Json(folder, "config.json").GetProperty("model_type").GetString()!;

    public static JsonElement Json(string folder, string file) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, file))).RootElement;

    public static Dictionary<string, Tensor> Tensors(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.Keys.ToDictionary(name => name, name => file.Load(name));
    }

    public Dictionary<string, Tensor> ExpectedTensors() => Tensors(Path.Combine(Folder, "expected.safetensors"));

    /// <summary>Loads the model with one of its config files, which are the same settings in two layouts.</summary>
    public Decoder Load(string configFile, ScalarType type = ScalarType.Float32, KeptWeights kept = KeptWeights.AsComputed)
    {
        using var copy = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Folder).Where(f => Path.GetFileName(f).StartsWith("model", StringComparison.Ordinal)))
        {
            File.Copy(file, copy.File(Path.GetFileName(file)));
        }

        File.Copy(Path.Combine(Folder, configFile), copy.File("config.json"));
        return Decoder.Load(copy.FullPath, type, kept: kept);
    }

    public static void AssertClose(Tensor expected, Tensor found, double absolute, double relative, Tensor? mask = null)
    {
        Assert.Equal(expected.shape, found.shape);
        Assert.True(found.isfinite().all().item<bool>(), "found values that are not finite");
        var excess = (expected - found).abs() - expected.abs().Times(relative).Plus(absolute);
        if (mask is not null)
        {
            excess = excess.where(mask.unsqueeze(-1).IsNonzero(), tensor(-1f));
        }

        Assert.True(excess.max().item<float>() <= 0, $"off by {excess.max().item<float>()} more than is allowed");
    }

    public static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];
}
