namespace Dit.Bench;

/// <summary>What the system says of this process's memory, in MiB.</summary>
internal static class ProcessMemory
{
    /// <summary>A figure of /proc/self/status: VmRSS is what is resident now, VmHWM what was at most, RssAnon and RssFile its parts.</summary>
    public static double Of(string figure) => File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith(figure + ":", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(':', 2)[1].Replace("kB", "", StringComparison.Ordinal)) / 1024).First();

    public static string Summary() => $"resident {Of("VmRSS"):F0} MiB (own {Of("RssAnon"):F0}, files {Of("RssFile"):F0}), at most {Of("VmHWM"):F0}";
}
