using System.CommandLine;
using System.Text.Json;
using Dit.Audit;
using Dit.Diffs.Inspection;
using Dit.Files;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Training;

namespace Dit.Cli;

/// <summary><c>dit audit</c>: everything that can be said about one finetune.</summary>
internal static class AuditCommand
{
    // It asks for topics and for news.
    private const string UsualAdapter = "tiny-both-adapter";

    public static Command Create()
    {
        var source = new Argument<string>("X") { Description = "A PEFT adapter folder, one diff of a set (SET#ID), a finetuned checkpoint, or an official .pt file (FILE.pt#N)." };
        source.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.StartsWith("--", StringComparison.Ordinal))
            {
                result.AddError($"There is no option {token.Value}.");
            }
        });
        var baseFolder = Verb.Base();
        var adapter = new Option<string?>("--adapter")
        {
            Description = $"Folder of the DIT adapter, the name of a shipped one ({string.Join(", ", Shipped.Adapters)}), or an official .pt file; without it, {UsualAdapter} for the shipped base.", HelpName = "FOLDER",
        };
        var seed = Verb.Seed();
        var name = new Option<string?>("--name") { Description = "What the finetune is called in the report; without it, X.", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "Prints the report as JSON (docs/audit.schema.json)." };
        var html = new Option<string?>("--html") { Description = "Writes the report as one HTML file.", HelpName = "FILE" };
        var folder = new Option<string?>("--out") { Description = "Writes report.html and report.json into this new or empty folder.", HelpName = "FOLDER" };
        var failOn = FailOn.Option();
        return new Command("audit", "Says everything that can be said about one finetune: what it was trained on, how sure that is, and why.")
        {
            source, baseFolder, adapter, seed, name, json, html, folder, failOn,
        }.Does(parsed =>
        {
            var (page, target) = (parsed.GetValue(html), parsed.GetValue(folder));
            RequireTargets(page, target);
            using var model = BaseModel.Load(parsed.GetValue(baseFolder) ?? Shipped.Base);
            var report = Run(model, AdapterFor(model, parsed.GetValue(adapter)), parsed.GetValue(source)!, parsed.GetValue(name), parsed.GetValue(seed));
            Write(report, page, target);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, AuditJson.Options));
            }
            else
            {
                AuditText.Print(report);
            }

            return End(report, parsed.GetValue(failOn) ?? []);
        });
    }

    /// <summary>What cannot be written to is better known before the audit than after it.</summary>
    private static void RequireTargets(string? page, string? folder)
    {
        if (page is not null && (RegularFile.Other(page) ?? (page.EndsWith('/') ? "the name of a folder" : null)) is { } other)
        {
            throw new DitException($"--html {page}: expected a file to write, found {other}");
        }

        if (folder is not null)
        {
            AtomicFolder.RequireEmpty(folder);
        }
    }

    /// <summary>The adapter that was named, or the usual one of the shipped base.</summary>
    private static DitAdapter AdapterFor(BaseModel model, string? named)
    {
        if (named is not null)
        {
            return DitAdapter.Read(Shipped.AdapterNamed(named));
        }

        return Shipped.BaseIfThere is { } shipped && BaseFingerprint.Of(shipped) == model.Fingerprint
            ? DitAdapter.Read(Shipped.AdapterNamed(UsualAdapter))
            : throw new DitException($"--adapter: expected the DIT adapter of the base {model.Name}, found none; only the shipped base comes with one");
    }

    private static AuditReport Run(BaseModel model, DitAdapter adapter, string source, string? name, ulong seed)
    {
        var auditor = new Auditor(model, adapter);
        var report = AuditProgressDisplay.Show(progress => auditor.Run(source, name, seed, progress));
        if (DitAdapter.IsAt(source))
        {
            Say.Error($"Note: {source} is a DIT adapter; to audit with it, use --adapter");
        }

        return report;
    }

    private static void Write(AuditReport report, string? page, string? folder)
    {
        if (page is null && folder is null)
        {
            return;
        }

        var text = AuditPage.Write(report);
        if (page is not null)
        {
            AtomicFile.WriteText(page, text);
            Say.Error($"Written: {page}");
        }

        if (folder is not null)
        {
            AtomicFolder.Write(folder, partial =>
            {
                AtomicFile.WriteText(Path.Combine(partial, "report.html"), text);
                AtomicFile.WriteText(Path.Combine(partial, "report.json"), JsonSerializer.Serialize(report, AuditJson.Options) + "\n");
            });
            Say.Error($"Written: {Path.Combine(folder, "report.html")} and report.json");
        }
    }

    private static int End(AuditReport report, IReadOnlyCollection<AuditVerdict> refused)
    {
        if (report.Diff.Findings.FirstOrDefault(finding => finding.Level == FindingLevel.Error) is { } error)
        {
            Say.Error($"{report.Finetune}: cannot be used as it is: {error.Sentence}");
            return ExitCode.Failure;
        }

        if (!refused.Contains(report.Verdict))
        {
            return ExitCode.Success;
        }

        Say.Error($"{report.Finetune}: {AuditWords.Name(report.Verdict)}, on which --fail-on fails");
        return ExitCode.Refused;
    }
}
