using System.Text.Json;
using System.Xml.Linq;
using Dit.Diffs;

namespace Dit.Cli.Tests;

public sealed class InspectTests : IClassFixture<InspectTests.Trained>, IDisposable
{
    private readonly Trained trained;
    private readonly TemporaryFolder folder = new();

    public InspectTests(Trained trained) => this.trained = trained;

    /// <summary>A base, two diffs in a set, and one of them as an adapter.</summary>
    public sealed class Trained : IDisposable
    {
        private readonly TinyModel model = new();
        private readonly TemporaryFolder folder = new();

        public Trained()
        {
            Succeeds("diff", "train", "--out", Set, "--base", Base, "--topics", "boxing,tuna", "--steps", "3");
            Succeeds("diff", "export", Set + "#boxing-1", "--out", Adapter);
        }

        public string Base => model.Folder;

        public string Set => folder.File("set");

        public string Adapter => folder.File("adapter");

        public void Dispose()
        {
            model.Dispose();
            folder.Dispose();
        }
    }

    [Fact]
    public void What_a_file_gets_is_plain_text_with_numbers()
    {
        var output = Succeeds("diff", "inspect", trained.Adapter, "--base", trained.Base);
        Assert.DoesNotContain('\u001b', output);
        Assert.Contains("PEFT adapter of base", output, StringComparison.Ordinal);
        Assert.Contains("7 of 7 linear layers: q k v o gate up down in 1 decoder layer", output, StringComparison.Ordinal);
        Assert.Contains("‖ΔW‖ (Frobenius) of each linear layer", output, StringComparison.Ordinal);
        Assert.Contains("% of ‖W‖", output, StringComparison.Ordinal);
        foreach (var kind in new[] { "q", "k", "v", "o", "gate", "up", "down" })
        {
            Assert.Matches($@"(?m)^  {kind} +[0-9.e-]+ +[0-9.e-]+$", output);
        }
    }

    [Fact]
    public void JSON_has_every_site_of_one_diff()
    {
        using var json = JsonDocument.Parse(Succeeds("diff", "inspect", trained.Set + "#boxing-1", "--base", trained.Base, "--json"));
        var sites = json.RootElement.GetProperty("sites").EnumerateArray().ToArray();
        Assert.Equal(7, sites.Length);
        Assert.Equal("boxing", json.RootElement.GetProperty("label").GetString());
        Assert.Equal(json.RootElement.GetProperty("norm").GetDouble(), Math.Sqrt(sites.Sum(site => Math.Pow(site.GetProperty("norm").GetDouble(), 2))), 1e-9);
        Assert.Equal(7, json.RootElement.GetProperty("spread").GetProperty("places").GetInt32());
        Assert.All(sites, site => Assert.InRange(site.GetProperty("relative_norm").GetDouble(), 0, 10));
    }

    [Fact]
    public void JSON_has_every_diff_of_a_set()
    {
        using var json = JsonDocument.Parse(Succeeds("diff", "inspect", trained.Set, "--json"));
        Assert.Equal(["boxing-1", "tuna-1"], json.RootElement.GetProperty("diffs").EnumerateArray().Select(diff => diff.GetProperty("id").GetString()));
        Assert.Contains("boxing-1", Succeeds("diff", "inspect", trained.Set), StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_are_written_into_a_new_folder_and_nowhere_else()
    {
        Succeeds("diff", "inspect", trained.Adapter, "--out", folder.File("out"), "--svg", folder.File("own.svg"));
        Assert.Equal(["heatmap.png", "heatmap.svg", "inspection.json"], Directory.GetFiles(folder.File("out")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal("svg", XDocument.Load(folder.File("own.svg")).Root!.Name.LocalName);
        Assert.Equal(File.ReadAllBytes(folder.File("own.svg")), File.ReadAllBytes(folder.File("out/heatmap.svg")));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(folder.File("out/heatmap.png"))[..4]);
        DitProcess.Refuses("out", "diff", "inspect", trained.Adapter, "--out", folder.File("out"));
    }

    [Fact]
    public void A_diff_that_cannot_be_used_is_shown_and_ends_with_1()
    {
        var copy = folder.File("copy");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(trained.Adapter))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        (DiffCard.Read(copy)! with { BaseFingerprint = "0123" }).Write(copy);
        var outcome = DitProcess.Run("diff", "inspect", copy, "--base", trained.Base);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("✗ It was made for another base (fingerprint 0123)", outcome.Output, StringComparison.Ordinal);
        Assert.Equal("", outcome.Error);
    }

    [Fact]
    public void What_is_missing_or_damaged_is_one_sentence()
    {
        DitProcess.Refuses("no-such", "diff", "inspect", folder.File("no-such"));
        DitProcess.Refuses("no-such-base", "diff", "inspect", trained.Adapter, "--base", folder.File("no-such-base"));
        DitProcess.Refuses("name it with --base", "diff", "inspect", trained.Base);
        DitProcess.Refuses("no-such-id", "diff", "inspect", trained.Set + "#no-such-id");
        File.WriteAllText(folder.File("file"), "");
        DitProcess.Refuses("file", "diff", "inspect", trained.Adapter, "--png", folder.File("file/heatmap.png"));
    }

    public void Dispose() => folder.Dispose();

    private static string Succeeds(params string[] arguments)
    {
        var outcome = DitProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome.Output;
    }
}
