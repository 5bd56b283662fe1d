namespace Dit;

/// <summary>Garbage collections on another thread, one after the other, as long as it lives: nothing that is not referred to is there for long.</summary>
internal sealed class ConstantCollection : IDisposable
{
    private readonly Thread thread;
    private volatile bool isOver;

    public ConstantCollection()
    {
        thread = new Thread(() =>
        {
            while (!isOver)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        thread.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        isOver = true;
        thread.Join();
    }
}
