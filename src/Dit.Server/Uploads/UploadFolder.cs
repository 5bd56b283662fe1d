using System.Globalization;
using System.Security.Cryptography;

namespace Dit.Server.Uploads;

/// <summary>
/// The folder in which a server keeps what is uploaded: private, named after the process, gone when the server is. What servers left behind
/// that were killed goes when the next one starts.
/// </summary>
internal sealed class UploadFolder : IDisposable
{
    private const string Prefix = "dit-uploads-", LockName = "lock";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream inUse;
    private readonly Lock gate = new();
    private readonly UploadLimits limits;
    private long reserved;
    private int count;

    private UploadFolder(string path, FileStream inUse, UploadLimits limits) => (FullPath, this.inUse, this.limits) = (path, inUse, limits);

    /// <summary>Where it is.</summary>
    public string FullPath { get; }

    /// <summary>Bytes that are kept or may still come in.</summary>
    public long Reserved
    {
        get
        {
            lock (gate)
            {
                return reserved;
            }
        }
    }

    /// <summary>Makes a new one, and removes those of servers that are gone.</summary>
    /// <param name="parent">In which folder; null for the system's temporary one.</param>
    /// <param name="limits">How much fits.</param>
    /// <exception cref="DitException">The folder cannot be written to.</exception>
    public static UploadFolder Create(string? parent, UploadLimits limits)
    {
        parent = Path.GetFullPath(parent ?? Path.GetTempPath());
        try
        {
            Directory.CreateDirectory(parent);
            RemoveStale(parent);
            var path = Path.Combine(parent, $"{Prefix}{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
            CreatePrivate(path);
            return new UploadFolder(path, Lock(path), limits);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{parent}: expected a folder for uploads that can be written to, found none: {e.Message}", e);
        }
    }

    /// <summary>Sets bytes aside for an upload that begins, and gives it a folder.</summary>
    /// <param name="bytes">The most that may come.</param>
    /// <exception cref="QuotaException">They do not fit, or there are too many uploads.</exception>
    public UploadSpace Begin(long bytes)
    {
        lock (gate)
        {
            if (count >= limits.Uploads)
            {
                throw new QuotaException($"expected fewer than the {limits.Uploads} uploads that are kept at most, found {count}; remove one first");
            }

            if (reserved + bytes > limits.QuotaBytes)
            {
                throw new QuotaException($"expected all uploads to fit in {limits.QuotaBytes} bytes, found {reserved} in use and up to {bytes} more; remove one first");
            }

            (count, reserved) = (count + 1, reserved + bytes);
        }

        return new UploadSpace(this, Path.Combine(FullPath, RandomNumberGenerator.GetHexString(16, lowercase: true)), bytes);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        inUse.Dispose();
        Delete(FullPath);
    }

    /// <summary>Makes a folder that only this user can look into.</summary>
    internal static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path); // A user's temporary folder is private there.
        }
        else
        {
            Directory.CreateDirectory(path, Private);
        }
    }

    /// <summary>Changes what an upload takes; ends it with nothing left of it.</summary>
    internal void Settle(long change, bool ended)
    {
        lock (gate)
        {
            reserved += change;
            count -= ended ? 1 : 0;
        }
    }

    /// <summary>Deletes a folder; what cannot be deleted stays for the next start.</summary>
    internal static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is private, and tried again when the next server starts.
        }
    }

    private static FileStream Lock(string path) => new(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static void RemoveStale(string parent)
    {
        foreach (var path in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            var process = Path.GetFileName(path)[Prefix.Length..].Split('-')[0];
            // Process ids repeat in other containers that have the same folder, so the lock decides; it is taken a moment after the folder is made.
            if (int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && !IsRunning(id) && IsFree(path))
            {
                Delete(path);
            }
        }
    }

    private static bool IsRunning(int id) => Directory.Exists($"/proc/{id}");

    private static bool IsFree(string path)
    {
        try
        {
            if (new DirectoryInfo(path).LinkTarget is not null)
            {
                return false;
            }

            using var taken = Lock(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

/// <summary>There is no room for an upload.</summary>
internal sealed class QuotaException(string message) : Exception(message);
