using System.Globalization;

namespace Dit.Models.Readiness;

/// <summary>How much memory this process may use.</summary>
/// <param name="Total">All there is for it: the machine's, or the limit of a container where that is lower.</param>
/// <param name="Available">What can be had without pushing others out.</param>
/// <param name="IsLimited">A container's or a service's limit is below what the machine has.</param>
public sealed record MachineMemory(long Total, long Available, bool IsLimited)
{
    /// <summary>Reads what the system says.</summary>
    /// <param name="root">Where its files are; a test's own folder, else "/".</param>
    public static MachineMemory Read(string root = "/")
    {
        var told = MemInfo(Path.Combine(root, "proc/meminfo"));
        if (told is null)
        {
            // Not Linux: what the runtime knows.
            var known = GC.GetGCMemoryInfo();
            return new MachineMemory(known.TotalAvailableMemoryBytes, Math.Max(0, known.TotalAvailableMemoryBytes - known.MemoryLoadBytes), IsLimited: false);
        }

        var (total, available) = told.Value;
        var limited = false;
        foreach (var (limit, used) in Limits(root))
        {
            if (limit < total)
            {
                (total, limited) = (limit, true);
            }

            available = Math.Min(available, Math.Max(0, limit - used));
        }

        return new MachineMemory(total, Math.Min(available, total), limited);
    }

    private static (long Total, long Available)? MemInfo(string path)
    {
        var lines = Lines(path).Select(line => line.Split((char[])[':', ' '], StringSplitOptions.RemoveEmptyEntries)).Where(parts => parts.Length >= 2)
            .ToLookup(parts => parts[0], parts => Number(parts[1]), StringComparer.Ordinal);
        return lines["MemTotal"].FirstOrDefault() is { } total && lines["MemAvailable"].FirstOrDefault() is { } available ? (total << 10, available << 10) : null;
    }

    /// <summary>The limits of this process's control group and of all above it, with what each has used beyond cache that would be given up.</summary>
    private static IEnumerable<(long Limit, long Used)> Limits(string root)
    {
        foreach (var line in Lines(Path.Combine(root, "proc/self/cgroup")))
        {
            if (line.Split(':', 3) is not [_, var controllers, var group] || !(controllers.Length == 0 || controllers.Split(',').Contains("memory", StringComparer.Ordinal)))
            {
                continue;
            }

            var second = controllers.Length == 0;
            var top = Path.Combine(root, second ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
            var (limitName, usedName, cacheName) = second ? ("memory.max", "memory.current", "inactive_file") : ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");

            // Inside a container the group's own path is often not there, and the top is its own.
            for (var path = group.Trim('/'); ; path = path.Contains('/') ? path[..path.LastIndexOf('/')] : "")
            {
                var folder = Path.Combine(top, path);
                if (Number(Lines(Path.Combine(folder, limitName)).FirstOrDefault()) is { } limit && Number(Lines(Path.Combine(folder, usedName)).FirstOrDefault()) is { } used)
                {
                    var cache = Lines(Path.Combine(folder, "memory.stat")).Where(stat => stat.StartsWith(cacheName + " ", StringComparison.Ordinal)).Select(stat => Number(stat[(cacheName.Length + 1)..])).FirstOrDefault() ?? 0;
                    yield return (limit, Math.Max(0, used - cache));
                }

                if (path.Length == 0)
                {
                    break;
                }
            }
        }
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
