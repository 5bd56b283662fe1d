using System.Text.Json;

namespace Dit.Cli.Tests;

public sealed class DoctorTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_base_that_can_be_used_is_said_to_be()
    {
        var outcome = DitProcess.Run("doctor", model.Folder, "--batch", "2", "--tokens", "32", "--rank", "4");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Contains("✓ It can be used here.", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("2 diffs of rank 4, training", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("✗", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', outcome.Output);
    }

    [Fact]
    public void JSON_has_checks_machine_and_plan()
    {
        var outcome = DitProcess.Run("doctor", model.Folder, "--json");
        Assert.Equal(0, outcome.ExitCode);
        using var json = JsonDocument.Parse(outcome.Output);
        var root = json.RootElement;
        Assert.True(root.GetProperty("usable").GetBoolean());
        Assert.All(root.GetProperty("checks").EnumerateArray(), check => Assert.Equal("passed", check.GetProperty("outcome").GetString()));
        Assert.InRange(root.GetProperty("machine").GetProperty("memory").GetProperty("available").GetInt64(), 1, root.GetProperty("machine").GetProperty("memory").GetProperty("total").GetInt64());
        Assert.StartsWith("2.", root.GetProperty("machine").GetProperty("libtorch").GetString(), StringComparison.Ordinal);
        foreach (var work in root.GetProperty("plan").EnumerateArray())
        {
            Assert.Equal(work.GetProperty("bytes").GetInt64(), work.GetProperty("parts").EnumerateObject().Sum(part => part.Value.GetInt64()));
            Assert.True(work.GetProperty("fits").GetBoolean());
        }
    }

    [Fact]
    public void What_does_not_fit_comes_with_what_to_change()
    {
        var outcome = DitProcess.Run("doctor", model.Folder, "--batch", "4000", "--tokens", "100000");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches(@"! Training diffs does not fit (with 4000 at once: take \d+, or fewer tokens|at all: .*)\.", outcome.Output);
        Assert.Contains("float32, base in int8", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_folder_is_told_all_its_problems_and_ends_with_1()
    {
        Directory.CreateDirectory(folder.File("broken"));
        File.WriteAllText(folder.File("broken/config.json"), "{");
        File.WriteAllText(folder.File("broken/model.safetensors"), "x");
        var outcome = DitProcess.Run("doctor", folder.File("broken"));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal("", outcome.Error);
        foreach (var part in new[] { "config ", "weights ", "tokenizer ", "template " })
        {
            Assert.Contains("✗ " + part, outcome.Output, StringComparison.Ordinal);
        }

        Assert.Contains("✗ It cannot be used as a base: 4 problems above.", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_missing_or_no_base_ends_with_1()
    {
        Assert.Equal(1, DitProcess.Run("doctor", folder.File("no-such")).ExitCode);
        File.WriteAllText(folder.File("adapter_config.json"), "{}");
        var outcome = DitProcess.Run("doctor", folder.FullPath, "--json");
        Assert.Equal(1, outcome.ExitCode);
        using var json = JsonDocument.Parse(outcome.Output);
        Assert.False(json.RootElement.GetProperty("usable").GetBoolean());
        Assert.Contains("found a PEFT adapter", json.RootElement.GetProperty("checks")[0].GetProperty("sentence").GetString(), StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
