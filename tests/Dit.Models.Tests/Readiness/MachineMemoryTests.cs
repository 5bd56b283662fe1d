namespace Dit.Models.Readiness;

public sealed class MachineMemoryTests : IDisposable
{
    private const long GiB = 1L << 30;

    private readonly TemporaryFolder root = new();

    public MachineMemoryTests() => Write("proc/meminfo", $"MemTotal:       {16 << 20} kB\nMemFree:        1 kB\nMemAvailable:   {12 << 20} kB\n");

    [Fact]
    public void Without_limits_it_is_the_machines() => Assert.Equal(new MachineMemory(16 * GiB, 12 * GiB, IsLimited: false), MachineMemory.Read(root.FullPath));

    [Fact]
    public void A_limit_above_its_own_group_counts_and_cache_does_not()
    {
        Write("proc/self/cgroup", "0::/pod/container\n");
        Group("sys/fs/cgroup/pod/container", "memory.max", "max", "memory.current", 3 * GiB, "inactive_file 0");
        Group("sys/fs/cgroup/pod", "memory.max", $"{8 * GiB}", "memory.current", 5 * GiB, $"anon 1\ninactive_file {2 * GiB}\nactive_file 7");
        Assert.Equal(new MachineMemory(8 * GiB, 5 * GiB, IsLimited: true), MachineMemory.Read(root.FullPath));
    }

    [Fact]
    public void The_older_kind_of_groups_is_known_too()
    {
        Write("proc/self/cgroup", "9:name=systemd:/\n4:memory:/job\n");
        Group("sys/fs/cgroup/memory/job", "memory.limit_in_bytes", $"{4 * GiB}", "memory.usage_in_bytes", GiB, "total_inactive_file 0");
        Group("sys/fs/cgroup/memory", "memory.limit_in_bytes", "9223372036854771712", "memory.usage_in_bytes", 9 * GiB, "total_inactive_file 0");
        Assert.Equal(new MachineMemory(4 * GiB, 3 * GiB, IsLimited: true), MachineMemory.Read(root.FullPath));
    }

    [Fact]
    public void Nonsense_is_not_believed()
    {
        Write("proc/self/cgroup", "what\n0::/../../..\n");
        Group("sys/fs/cgroup", "memory.max", "-5", "memory.current", 1, "x");
        Assert.Equal(16 * GiB, MachineMemory.Read(root.FullPath).Total);
    }

    [Fact]
    public void This_machine_has_some() => Assert.InRange(MachineMemory.Read().Available, 1, MachineMemory.Read().Total);

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(2048, "2 KiB")]
    [InlineData(1_600_000_000, "1.49 GiB")]
    [InlineData(123L << 30, "123 GiB")]
    public void Sizes_are_written_as_people_read_them(long bytes, string text) => Assert.Equal(text, ByteSize.Text(bytes));

    public void Dispose() => root.Dispose();

    private void Group(string folder, string limitName, string limit, string usedName, long used, string stat)
    {
        Write($"{folder}/{limitName}", limit + "\n");
        Write($"{folder}/{usedName}", $"{used}\n");
        Write($"{folder}/memory.stat", stat + "\n");
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(root.File(name))!);
        File.WriteAllText(root.File(name), text);
    }
}
