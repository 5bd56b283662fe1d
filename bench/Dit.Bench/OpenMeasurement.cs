using System.CommandLine;
using System.Diagnostics;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Text;
using TorchSharp;

namespace Dit.Bench;

/// <summary><c>open</c>: how soon a model answers, how fast, and in how much memory.</summary>
internal static class OpenMeasurement
{
    public static Command Command()
    {
        var folder = new Argument<string>("FOLDER") { Description = "The model." };
        var type = new Option<torch.ScalarType?>("--dtype") { Description = "Float32, BFloat16 or Float16; without it, the model's own." };
        var device = new Option<string>("--device") { DefaultValueFactory = _ => "cpu" };
        var question = new Option<string>("--question") { DefaultValueFactory = _ => "What topic have you been trained on?" };
        var tokens = new Option<int>("--tokens") { DefaultValueFactory = _ => 32, Description = "Length of the answer." };
        var rows = new Option<int>("--rows") { DefaultValueFactory = _ => 1, Description = "Answers side by side." };
        var command = new Command("open", "Opens a model and asks it.") { folder, type, device, question, tokens, rows };
        command.SetAction(parsed =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            Measure(parsed.GetValue(folder)!, parsed.GetValue(type), parsed.GetValue(device)!, parsed.GetValue(question)!, parsed.GetValue(tokens), parsed.GetValue(rows));
        });
        return command;
    }

    private static void Measure(string folder, torch.ScalarType? type, string device, string question, int tokens, int rows)
    {
        var file = Directory.EnumerateFiles(folder, "*.safetensors").Sum(path => new FileInfo(path).Length) / 1048576.0;
        using var one = torch.ones(1); // libtorch is loaded before the clock starts, and counted by itself.
        Console.WriteLine($"weights on disk {file:F0} MiB; before opening: {ProcessMemory.Summary()}");
        var clock = Stopwatch.StartNew();
        using var model = BaseModel.Load(folder, type, ComputeDevice.Find(device));
        Console.WriteLine($"opened after {clock.Elapsed.TotalSeconds:F2} s, computes in {model.Decoder.Type}: {ProcessMemory.Summary()}");

        var prompt = model.Tokenizer.EncodePrompt([new Message("user", question)]);
        int[][] prompts = [.. Enumerable.Repeat(prompt, rows)];
        clock.Restart();
        _ = Generator.Generate(model.Decoder, prompts, new GenerationSettings(MaxNewTokens: 1), []);
        Console.WriteLine($"first token of an answer to {prompt.Length} tokens after {clock.Elapsed.TotalSeconds:F2} s: {ProcessMemory.Summary()}");

        clock.Restart();
        _ = Generator.Generate(model.Decoder, prompts, new GenerationSettings(MaxNewTokens: 1), []);
        var first = clock.Elapsed.TotalSeconds;
        clock.Restart();
        _ = Generator.Generate(model.Decoder, prompts, new GenerationSettings(MaxNewTokens: tokens), []);
        Console.WriteLine($"once more after {first:F2} s; {rows * (tokens - 1) / (clock.Elapsed.TotalSeconds - first):F1} tokens a second with {rows} rows: {ProcessMemory.Summary()}");
        Console.WriteLine($"at most {ProcessMemory.Of("VmHWM") / file:F3} times the weights on disk");
    }
}
