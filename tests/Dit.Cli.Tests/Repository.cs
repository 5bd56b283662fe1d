namespace Dit.Cli.Tests;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>Full path of something in it.</summary>
    public static string File(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder.FullName, "dit.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests must run below the folder of dit.slnx.");
        }

        return Path.Combine(folder.FullName, path);
    }
}
