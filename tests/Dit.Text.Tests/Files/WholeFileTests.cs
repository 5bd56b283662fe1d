using System.Diagnostics;

namespace Dit.Files;

public sealed class WholeFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void A_pipe_is_refused_and_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes and devices are told by Linux alone.");
        var pipe = folder.File("pipe");
        using (var made = Process.Start("mkfifo", [pipe]))
        {
            made.WaitForExit();
        }

        Refuses(pipe, "found a pipe or a device");
    }

    [Fact]
    public void A_link_to_a_device_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes and devices are told by Linux alone.");
        File.CreateSymbolicLink(folder.File("zero"), "/dev/zero");
        Refuses(folder.File("zero"), "found a pipe or a device");
    }

    [Fact]
    public void A_folder_and_a_missing_file_are_refused()
    {
        Refuses(folder.FullPath, "");
        Refuses(folder.File("missing"), "could not be read");
    }

    [Fact]
    public void A_link_to_a_file_is_read()
    {
        File.WriteAllText(folder.File("there"), "text");
        File.CreateSymbolicLink(folder.File("link"), folder.File("there"));
        Assert.Equal("text", WholeFile.ReadText(folder.File("link")));
    }

    [Fact]
    public void What_stands_for_a_file_that_Git_has_not_fetched_is_said_to()
    {
        File.WriteAllText(folder.File("tokenizer.json"), "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n");
        Refuses(folder.File("tokenizer.json"), "git lfs pull");
    }

    public void Dispose() => folder.Dispose();

    private static void Refuses(string path, string because)
    {
        var error = Assert.Throws<DitException>(() => WholeFile.ReadBytes(path));
        Assert.StartsWith(path + ":", error.Message, StringComparison.Ordinal);
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }
}
