using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Dit.Training;

/// <summary>
/// Makes things one after another on a thread of its own, some before they are asked for. What goes wrong there is thrown where the thing that
/// could not be made is asked for, and disposing ends the thread.
/// </summary>
/// <typeparam name="T">What is made; whoever took it disposes it.</typeparam>
internal sealed class ReadAhead<T> : IDisposable
    where T : IDisposable
{
    private readonly BlockingCollection<T> made = [];
    private readonly SemaphoreSlim room;
    private readonly CancellationTokenSource stop = new();
    private readonly Thread thread;
    private ExceptionDispatchInfo? failure;

    /// <summary>Begins at once.</summary>
    /// <param name="things">Enumerated on the other thread alone.</param>
    /// <param name="ahead">How many there are at most, made or being made, beside those that were taken.</param>
    public ReadAhead(IEnumerable<T> things, int ahead)
    {
        room = new SemaphoreSlim(ahead);
        thread = new Thread(() => Make(things)) { IsBackground = true, Name = "dit read ahead" };
        thread.Start();
    }

    /// <summary>The next one.</summary>
    /// <exception cref="InvalidOperationException">There are no more.</exception>
    public T Next()
    {
        if (!made.TryTake(out var next, Timeout.Infinite))
        {
            failure?.Throw();
            throw new InvalidOperationException("There is nothing more to read.");
        }

        room.Release();
        return next;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        stop.Cancel();
        thread.Join();
        while (made.TryTake(out var left))
        {
            left.Dispose();
        }

        made.Dispose();
        room.Dispose();
        stop.Dispose();
    }

    private void Make(IEnumerable<T> things)
    {
        try
        {
            using var next = things.GetEnumerator();
            for (room.Wait(stop.Token); next.MoveNext(); room.Wait(stop.Token))
            {
                made.Add(next.Current);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody will ask for more.
        }
        catch (Exception e)
        {
            failure = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            made.CompleteAdding();
        }
    }
}
