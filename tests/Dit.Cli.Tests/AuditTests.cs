using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Dit.Audit;

namespace Dit.Cli.Tests;

public sealed class AuditTests(AuditedModels models) : IClassFixture<AuditedModels>, IDisposable
{
    private const string OnTheShippedBase = "starfish-1";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void JSON_stands_alone_on_the_output_and_fits_its_schema()
    {
        Assert.Empty(JsonSchemaCheck.Read(Repository.File("docs/audit.schema.json")).Misfits(JsonNode.Parse(models.Json)));
        var report = JsonSerializer.Deserialize<AuditReport>(models.Json, AuditJson.Options)!;
        Assert.Equal(models.Finetune, report.Finetune);
        Assert.Equal("base", report.Base.Name);
        Assert.Equal(7, report.Diff.BaseSites.Count);
        Assert.NotEmpty(report.Answers);
        Assert.Null(report.Confidence);
    }

    [Fact]
    public void The_page_and_the_folder_hold_the_same_report()
    {
        Assert.Equal(["report.html", "report.json"], Directory.GetFiles(models.Out).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.Equal(models.Json, File.ReadAllText(Path.Combine(models.Out, "report.json")));
        Assert.Equal(File.ReadAllText(models.Html), File.ReadAllText(Path.Combine(models.Out, "report.html")));
        var page = File.ReadAllText(models.Html);
        var data = XElement.Parse(page[page.IndexOf("<html", StringComparison.Ordinal)..]).Descendants("script").Single().Value;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(models.Json), JsonNode.Parse(data)));
    }

    [Fact]
    public void People_read_the_verdict_first_and_plain_text_in_a_file()
    {
        var verdict = JsonSerializer.Deserialize<AuditReport>(models.Json, AuditJson.Options)!;
        var outcome = DitProcess.Run(models.Audit(models.Finetune, "--name", "my\u001b[31m finetune"));
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.DoesNotContain('\u001b', outcome.Output);
        var lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("my\\u001b[31m finetune  PEFT adapter on base, asked with adapter", lines[0], StringComparison.Ordinal);
        Assert.Equal($"{AuditWords.Title(verdict.Verdict)}. {AuditWords.Sentence(verdict)}", lines[1]);
        Assert.Equal("No confidence can be given: nothing that was calibrated fits this base and adapter.", lines[2]);
        Assert.Contains("What the adapter says", outcome.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  down +[0-9.e-]+ +[0-9.e-]+ *$", outcome.Output);
        Assert.Contains("Audit, ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verdict_on_which_to_fail_ends_with_3_and_any_other_with_0()
    {
        var own = AuditWords.Name(JsonSerializer.Deserialize<AuditReport>(models.Json, AuditJson.Options)!.Verdict);
        var refused = DitProcess.Run(models.Audit(models.Finetune, "--json", "--fail-on", own));
        Assert.Equal(3, refused.ExitCode);
        Assert.Equal(own, JsonNode.Parse(refused.Output)!["verdict"]!.GetValue<string>());
        Assert.Contains($"{own}, on which --fail-on fails", refused.Error, StringComparison.Ordinal);

        var others = Enum.GetValues<AuditVerdict>().Select(AuditWords.Name).Where(name => name != own);
        Assert.Equal(0, DitProcess.Run(models.Audit(models.Finetune, "--json", "--fail-on", string.Join(',', others))).ExitCode);
        Assert.Equal(own == "nothing-found" ? 0 : 3, DitProcess.Run(models.Audit(models.Finetune, "--json", "--fail-on", "anything")).ExitCode);
    }

    [Fact]
    public void What_cannot_be_audited_is_one_sentence_and_never_a_success()
    {
        DitProcess.Refuses("no-such", models.Audit(folder.File("no-such"), "--fail-on", "anything"));
        DitProcess.Refuses("./calibrate: expected the folder of a finetune", models.Audit("./calibrate"));
        DitProcess.Refuses("no-such-base", "audit", models.Finetune, "--base", folder.File("no-such-base"));
        DitProcess.Refuses("no-such-adapter", "audit", models.Finetune, "--base", models.Base, "--adapter", folder.File("no-such-adapter"));
        DitProcess.Refuses("--adapter: expected the DIT adapter of the base base, found none", "audit", models.Finetune, "--base", models.Base);
        DitProcess.Refuses("a finetune", "audit", models.Finetune);
        DitProcess.Refuses("tiny-topic-adapter", "audit", models.Finetune, "--base", models.Base, "--adapter", "tiny-topic-adapter");
        DitProcess.Refuses("#ID", models.Audit(models.Set));
    }

    [Fact]
    public void A_diff_that_changes_nothing_is_refused_and_named_as_the_user_named_it()
    {
        CopyWith(bytes => bytes.AsSpan(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes)).Clear());
        DitProcess.Refuses("my own", models.Audit(folder.File("copy"), "--name", "my own", "--fail-on", "anything"));
    }

    [Fact]
    public void A_damaged_diff_is_refused_and_writes_nothing()
    {
        CopyWith(bytes => bytes[8] = (byte)'x');
        DitProcess.Refuses("adapter_model.safetensors", models.Audit(folder.File("copy"), "--html", folder.File("page.html"), "--out", folder.File("out")));
        Assert.Equal(["copy"], Directory.EnumerateFileSystemEntries(folder.FullPath).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public void What_cannot_be_written_is_refused_before_the_audit()
    {
        Directory.CreateDirectory(folder.File("there/inner"));
        DitProcess.Refuses("found a folder", models.Audit(folder.File("no-such"), "--html", folder.File("there")));
        DitProcess.Refuses("the name of a folder", models.Audit(folder.File("no-such"), "--html", folder.File("new") + "/"));
        DitProcess.Refuses("new or empty folder", models.Audit(folder.File("no-such"), "--out", folder.File("there")));
    }

    [Fact]
    public void On_the_shipped_base_nothing_but_the_finetune_must_be_named()
    {
        Succeeds("diff", "train", "--out", folder.File("set"), "--topics", "starfish", "--split", "validation", "--steps", "4");
        var report = JsonSerializer.Deserialize<AuditReport>(Succeeds("audit", $"{folder.File("set")}#{OnTheShippedBase}", "--json"), AuditJson.Options)!;
        Assert.Equal(("tiny-base", "tiny-both-adapter"), (report.Base.Name, report.Adapter.Name));
        Assert.Equal(2, report.Answers.Count);
        Assert.NotEmpty(report.Evidence.Likelihoods);
        Assert.All(report.Answers, answer => Assert.NotEmpty(answer.Controls));
    }

    [Fact]
    public void The_publishing_check_audits_and_refuses()
    {
        using var git = new GitRepository();
        File.WriteAllText(git.Dit, $"#!/usr/bin/env bash\nexec '{Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet"}' '{Path.Combine(AppContext.BaseDirectory, "dit-cli.dll")}' \"$@\"\n");
        foreach (var file in Directory.GetFiles(models.Finetune))
        {
            var copy = Path.Combine(git.Folder, "großer Fund", Path.GetFileName(file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        git.WriteAdapter("no adapter at all");
        var outcome = git.Check("nothing-found,anything", git.First, git.Commit(), ["--base", models.Base, "--adapter", models.Adapter]);
        Assert.True(outcome.ExitCode == 1, outcome.ToString());
        Assert.Equal("2 audited: 0 passed, 1 refused, 1 could not be audited", git.Summary[^1]);
        var report = JsonSerializer.Deserialize<AuditReport>(File.ReadAllText(Path.Combine(git.Reports, "001-gro__er_Fund", "report.json")), AuditJson.Options)!;
        Assert.Equal("großer Fund", report.Finetune);
        Assert.Contains("no adapter at all", outcome.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>The finetune once more, with other weights.</summary>
    private void CopyWith(Action<byte[]> change)
    {
        Directory.CreateDirectory(folder.File("copy"));
        foreach (var file in Directory.GetFiles(models.Finetune))
        {
            var bytes = File.ReadAllBytes(file);
            if (file.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                change(bytes);
            }

            File.WriteAllBytes(Path.Combine(folder.File("copy"), Path.GetFileName(file)), bytes);
        }
    }

    private static string Succeeds(params string[] arguments)
    {
        var outcome = DitProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return outcome.Output;
    }
}
