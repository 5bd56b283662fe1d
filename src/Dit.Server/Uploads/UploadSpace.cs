namespace Dit.Server.Uploads;

/// <summary>The folder of one upload and the bytes set aside for it; both go when it is disposed.</summary>
internal sealed class UploadSpace : IDisposable
{
    private readonly UploadFolder folder;
    private long bytes;
    private int ended;

    internal UploadSpace(UploadFolder folder, string path, long bytes) => (this.folder, FullPath, this.bytes) = (folder, path, bytes);

    /// <summary>Where it is; made by <see cref="Create"/>.</summary>
    public string FullPath { get; }

    /// <summary>Makes the folder.</summary>
    public void Create() => UploadFolder.CreatePrivate(FullPath);

    /// <summary>Gives back what was set aside beyond what came.</summary>
    public void Settle(long came)
    {
        folder.Settle(came - bytes, ended: false);
        bytes = came;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref ended, 1) == 0)
        {
            UploadFolder.Delete(FullPath);
            folder.Settle(-bytes, ended: true);
        }
    }
}
