using System.Diagnostics;
using System.Net.Sockets;

namespace Dit.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("older and longer")]
    public void A_file_is_written_whole_and_alone(string? before)
    {
        if (before is not null)
        {
            File.WriteAllText(folder.File("a"), before);
        }

        AtomicFile.WriteText(folder.File("a"), "new");

        Assert.Equal("new", File.ReadAllText(folder.File("a")));
        Assert.Single(Directory.GetFileSystemEntries(folder.FullPath));
    }

    [Theory]
    [InlineData("old")]
    [InlineData(null)]
    public void A_link_stays_a_link_and_its_target_is_written(string? before)
    {
        Directory.CreateDirectory(folder.File("kept"));
        var target = Path.Combine(folder.File("kept"), "target");
        if (before is not null)
        {
            File.WriteAllText(target, before);
        }

        File.CreateSymbolicLink(folder.File("second"), "kept/target");
        File.CreateSymbolicLink(folder.File("first"), "second");

        AtomicFile.WriteText(folder.File("first"), "new");

        Assert.Equal("new", File.ReadAllText(target));
        Assert.Equal("second", new FileInfo(folder.File("first")).LinkTarget);
        Assert.Equal("kept/target", new FileInfo(folder.File("second")).LinkTarget);
    }

    [Fact]
    public void What_is_no_file_is_left_alone()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder.File("socket")));
        using (var made = Process.Start("mkfifo", [folder.File("pipe")]))
        {
            made.WaitForExit();
        }

        Directory.CreateDirectory(folder.File("folder"));
        File.CreateSymbolicLink(folder.File("loop"), "loop");
        foreach (var name in new[] { "socket", "pipe", "folder", "loop" })
        {
            var error = Assert.Throws<DitException>(() => AtomicFile.WriteText(folder.File(name), "new"));
            Assert.StartsWith(folder.File(name) + ": ", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(4, Directory.GetFileSystemEntries(folder.FullPath).Length);
    }
}
