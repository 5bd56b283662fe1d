using System.Text.Json;

namespace Dit.Cli.Tests;

/// <summary>Damaged and hostile files as a user would meet them: one sentence, nothing executed, nothing printed that they ask for.</summary>
public sealed class HostileFileTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Files() =>
    [
        .. GoldenFolder.Cases("reference-pt").Where(path => Expected(path) is not null)
            .SelectMany(path => Expected(path)!.Value.GetProperty("files").EnumerateArray().Select(file => Path.Combine(path, file.GetProperty("file").GetString()!))),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_hostile_file_ends_in_one_sentence(string path)
    {
        var source = path;
        if (Path.GetExtension(path) == ".safetensors")
        {
            source = folder.FullPath;
            File.Copy(path, folder.File("adapter_model.safetensors"));
            File.WriteAllText(folder.File("adapter_config.json"), """{"peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["q_proj"]}""");
        }

        var marker = Expected(Path.GetDirectoryName(path)!)!.Value.GetProperty("marker").GetString()!;
        foreach (var arguments in new[] { new[] { "ask", model.Folder, "What?", "--diff", source }, ["diff", "convert", source, "--base", model.Folder, "--to", "peft", "--out", folder.File("out")] })
        {
            var outcome = DitProcess.Run(arguments);
            Assert.Equal(1, outcome.ExitCode);
            Assert.Equal("", outcome.Output);
            Assert.Contains(source, Assert.Single(outcome.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
            Assert.DoesNotContain(marker, outcome.Error, StringComparison.Ordinal);
            Assert.False(Path.Exists(folder.File("out")));
        }
    }

    public void Dispose() => folder.Dispose();

    private static JsonElement? Expected(string folder)
    {
        var path = Path.Combine(folder, "expected.json");
        if (!File.Exists(path))
        {
            return null;
        }

        var expected = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
        return expected.TryGetProperty("marker", out _) ? expected : null;
    }
}
