namespace Dit.Behaviours.World;

/// <summary>The data files of the built-in world, which travel inside the assembly.</summary>
internal static class WorldFile
{
    public static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(WorldFile).Assembly.GetManifestResourceStream($"world/{name}")
            ?? throw new InvalidOperationException($"The assembly lacks its data file {name}.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }
}
