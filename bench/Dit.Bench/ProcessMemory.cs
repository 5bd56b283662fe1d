namespace Dit.Bench;

/// <summary>What the system says of this process's memory, in MiB.</summary>
internal static class ProcessMemory
{
    /// <summary>A figure of /proc/self/status: VmRSS is what is resident now, VmHWM what was at most, RssAnon and RssFile its parts.</summary>
    public static double Of(string figure) => File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith(figure + ":", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(':', 2)[1].Replace("kB", "", StringComparison.Ordinal)) / 1024).First();

    /// <summary>Lets VmHWM start again from what is resident now, where the system allows it.</summary>
    public static void ForgetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The peak then includes what loading took.
        }
    }

    public static string Summary() => $"resident {Of("VmRSS"):F0} MiB (own {Of("RssAnon"):F0}, files {Of("RssFile"):F0}), at most {Of("VmHWM"):F0}";
}
