namespace Dit.Cli.Tests;

public sealed class BadInputTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_missing_base_is_named() => DitProcess.Refuses("no-such-base", "diff", "train", "--out", folder.File("set"), "--base", folder.File("no-such-base"));

    [Fact]
    public void A_question_that_looks_like_a_folder_is_named() => DitProcess.Refuses("no/such/base", "ask", "no/such/base");

    [Fact]
    public void A_missing_diff_is_named() => DitProcess.Refuses("no-such-diff", "ask", model.Folder, "What?", "--diff", folder.File("no-such-diff"));

    [Fact]
    public void A_missing_adapter_is_named() => DitProcess.Refuses("no-such-adapter", "ask", model.Folder, "What?", "--adapter", folder.File("no-such-adapter"));

    [Fact]
    public void A_missing_diff_set_is_named() => DitProcess.Refuses("no-such-set", "adapter", "train", "--out", folder.File("run"), "--base", model.Folder, "--diffs", folder.File("no-such-set"));

    [Fact]
    public void A_diff_is_not_exported_among_other_files()
    {
        Directory.CreateDirectory(folder.File("full"));
        File.WriteAllText(folder.File("full/config.json"), "{}");
        DitProcess.Refuses("full", "diff", "export", folder.File("set") + "#boxing-1", "--out", folder.File("full"));
        Assert.Equal("{}", File.ReadAllText(folder.File("full/config.json")));
        Assert.Single(Directory.GetFiles(folder.File("full")));
    }

    [Fact]
    public void A_diff_of_a_missing_set_is_named() => DitProcess.Refuses("no-such-set", "diff", "export", folder.File("no-such-set") + "#boxing-1", "--out", folder.File("peft"));

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("model.safetensors")]
    public void A_truncated_file_of_the_base_is_named(string name)
    {
        var damaged = folder.File("damaged");
        Directory.CreateDirectory(damaged);
        foreach (var file in Directory.GetFiles(model.Folder))
        {
            var bytes = File.ReadAllBytes(file);
            File.WriteAllBytes(Path.Combine(damaged, Path.GetFileName(file)), Path.GetFileName(file) == name ? bytes[..(bytes.Length / 2)] : bytes);
        }

        DitProcess.Refuses(name, "ask", damaged, "What?");
    }

    [Fact]
    public void A_folder_with_something_else_in_it_is_not_written_to()
    {
        Directory.CreateDirectory(folder.File("other"));
        File.WriteAllText(Path.Combine(folder.File("other"), "letter.txt"), "Dear aunt,");
        DitProcess.Refuses("other", "diff", "train", "--out", folder.File("other"), "--base", model.Folder, "--count", "2", "--steps", "1");
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.File("other")));
    }

    [Fact]
    public void A_run_of_another_version_is_refused()
    {
        Directory.CreateDirectory(folder.File("run"));
        File.WriteAllText(Path.Combine(folder.File("run"), "run.json"), """{ "kind": "diff-training", "version": 999, "settings": {} }""");
        DitProcess.Refuses("run.json", "diff", "train", "--out", folder.File("run"), "--base", model.Folder, "--count", "2", "--steps", "1");
    }

    public void Dispose() => folder.Dispose();
}
