namespace Dit.Text.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dit-");

    public string File(string name) => Path.Combine(folder.FullName, name);

    public string Write(string name, string content)
    {
        System.IO.File.WriteAllText(File(name), content);
        return File(name);
    }

    public string FullName => folder.FullName;

    public void Dispose() => folder.Delete(recursive: true);
}
