namespace Dit.Files;

/// <summary>What stands in the place of a large file where Git has fetched everything but those.</summary>
public static class LargeFilePointer
{
    /// <summary>For messages.</summary>
    public const string Found = "expected the file itself, found a Git LFS pointer to it: run git lfs pull";

    /// <summary>How many bytes tell one.</summary>
    public const int MarkBytes = 19;

    /// <summary>Whether a file that begins like this is one.</summary>
    public static bool IsIn(ReadOnlySpan<byte> start) => start.StartsWith("version https://git"u8);
}
