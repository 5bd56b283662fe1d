using System.CommandLine;
using System.Text.Json;
using Dit.Files;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Bench;

/// <summary><c>make-checkpoint</c>: a model of a published model's sizes with random weights, shard by shard.</summary>
internal static class CheckpointMaker
{
    private const long BytesPerShard = 400_000_000;

    public static Command Command()
    {
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "qwen3-0.6b", Description = string.Join(", ", CheckpointShape.All.Keys) };
        shape.AcceptOnlyFromAmong([.. CheckpointShape.All.Keys]);
        var type = new Option<string>("--dtype") { DefaultValueFactory = _ => "bfloat16", Description = "The type to store: float32, bfloat16 or float16." };
        type.AcceptOnlyFromAmong("float32", "bfloat16", "float16");
        var tokenizer = new Option<string>("--tokenizer") { DefaultValueFactory = _ => "models/tiny-base", Description = "Folder to take tokenizer and chat template from." };
        var folder = new Option<string>("--out") { Required = true, Description = "Folder of the model." };
        var command = new Command("make-checkpoint", "Makes a model of random weights.") { shape, type, tokenizer, folder };
        command.SetAction(parsed => Make(CheckpointShape.All[parsed.GetValue(shape)!], parsed.GetValue(type)!, parsed.GetValue(tokenizer)!, parsed.GetValue(folder)!));
        return command;
    }

    private static void Make(ModelConfig config, string type, string tokenizer, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json", "generation_config.json" })
        {
            File.Copy(Path.Combine(tokenizer, name), Path.Combine(folder, name), overwrite: true);
        }

        var stored = type switch { "float32" => ScalarType.Float32, "float16" => ScalarType.Float16, _ => ScalarType.BFloat16 };
        var placed = new Dictionary<string, string>(StringComparer.Ordinal);
        using var random = new Generator(1);
        var weights = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, sizes) in Decoder.WeightShapes(config))
        {
            weights[name] = Draw(name, sizes, random).to(stored, disposeAfter: true);
            if (weights.Values.Sum(weight => weight.numel() * weight.ElementSize) > BytesPerShard)
            {
                Flush();
            }
        }

        Flush();
        AtomicFile.WriteText(Path.Combine(folder, "model.safetensors.index.json"), JsonSerializer.Serialize(new { metadata = new { }, weight_map = placed }));
        AtomicFile.WriteText(Path.Combine(folder, "config.json"), CheckpointShape.Json(config, type));

        void Flush()
        {
            var shard = $"model-{placed.Values.Distinct(StringComparer.Ordinal).Count() + 1:D5}.safetensors";
            SafetensorsWriter.Write(Path.Combine(folder, shard), weights, new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" });
            foreach (var (name, weight) in weights)
            {
                placed[name] = shard;
                weight.Dispose();
            }

            weights.Clear();
        }
    }

    /// <summary>Norms of one, and matrices that keep the size of what goes through them.</summary>
    private static Tensor Draw(string name, long[] sizes, Generator random)
    {
        if (sizes.Length == 1)
        {
            return ones(sizes);
        }

        var scale = name.Contains("embed_tokens", StringComparison.Ordinal) ? 0.02 : 1 / Math.Sqrt(sizes[1]);
        return randn(sizes, generator: random).Times_(scale);
    }
}
