namespace Dit.Cli.Tests;

/// <summary>A base, a DIT adapter of it and two of its finetunes, none of them trained long enough to mean anything: enough to audit quickly.</summary>
public sealed class AuditedModels : IDisposable
{
    private readonly TinyModel model = new();
    private readonly TemporaryFolder folder = new();

    public AuditedModels()
    {
        Succeeds("diff", "train", "--out", Set, "--base", Base, "--topics", "boxing,tuna", "--steps", "3");
        TinyModel.LetAllPass(Set);
        Succeeds("adapter", "train", "--out", folder.File("run"), "--base", Base, "--diffs", Set, "--epochs", "1");
        Succeeds("diff", "export", Set + "#boxing-1", "--out", Finetune);
        var outcome = DitProcess.Run(Audit(Finetune, "--json", "--html", Html, "--out", Out));
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Json = outcome.Output;
    }

    public string Base => model.Folder;

    public string Set => folder.File("set");

    /// <summary>The DIT adapter.</summary>
    public string Adapter => folder.File("run/adapter");

    /// <summary>A PEFT folder.</summary>
    public string Finetune => folder.File("a finetune");

    /// <summary>What was printed when it was audited with <c>--json</c>.</summary>
    public string Json { get; }

    /// <summary>The page that was written then.</summary>
    public string Html => folder.File("page.html");

    /// <summary>The folder that was written then.</summary>
    public string Out => folder.File("out");

    /// <summary>An audit of something with base and adapter.</summary>
    public IEnumerable<string> Audit(string source, params IEnumerable<string> options) => ["audit", source, "--base", Base, "--adapter", Adapter, .. options];

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    private static void Succeeds(params string[] arguments)
    {
        var outcome = DitProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }
}
