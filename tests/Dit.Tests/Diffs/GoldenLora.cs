using System.Text.Json;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

/// <summary>Golden finetunes, found by what lies in their folders.</summary>
internal static class GoldenLora
{
    /// <summary>Whole checkpoints, with their bases.</summary>
    public static IEnumerable<(string Folder, string Base, JsonElement Expected)> Checkpoints() => Cases("config.json");

    /// <summary>PEFT adapters that must be supported, with their bases.</summary>
    public static IEnumerable<(string Folder, string Base, JsonElement Expected)> Adapters() =>
        Cases("adapter_config.json").Where(found => found.Expected.GetProperty("supported").GetBoolean());

    /// <summary>All tensors of a file; they belong to the current dispose scope.</summary>
    public static Dictionary<string, Tensor> Tensors(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.Keys.ToDictionary(name => name, name => file.Load(name), StringComparer.Ordinal);
    }

    /// <summary>Says that logits are the golden ones where there is a token.</summary>
    public static void AssertClose(string folder, Tensor expected, Tensor found, Tensor mask)
    {
        var tolerances = Json(folder, "case.json").GetProperty("tolerances").GetProperty("suggested");
        var allowed = expected.abs().Times(tolerances.GetProperty("logits_rtol").GetDouble()).Plus(tolerances.GetProperty("logits_atol").GetDouble());
        var excess = ((expected - found).abs() - allowed).where(mask.unsqueeze(-1).IsNonzero(), tensor(-1f)).max().item<float>();
        Assert.True(excess <= 0, $"{folder}: off by {excess} more than is allowed.");
    }

    /// <summary>Whether a model's family is supported; some need not be.</summary>
    public static bool IsSupported(string model)
    {
        try
        {
            ModelConfig.Read(model);
            return true;
        }
        catch (DitException)
        {
            return false;
        }
    }

    private static IEnumerable<(string Folder, string Base, JsonElement Expected)> Cases(string file) =>
        GoldenFolder.Cases("lora").Where(folder => File.Exists(Path.Combine(folder, file))).Select(folder =>
        {
            var expected = Json(folder, "expected.json");
            return (folder, Path.GetFullPath(Path.Combine(folder, "..", "..", expected.GetProperty("base").GetString()!)), expected);
        }).Where(found => IsSupported(found.Item2));

    private static JsonElement Json(string folder, string file) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, file))).RootElement;
}
