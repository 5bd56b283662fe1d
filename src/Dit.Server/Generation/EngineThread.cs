using Dit.Models;

namespace Dit.Server.Generation;

/// <summary>The thread on which an engine computes, and what waits for it. Nothing that goes wrong with a request or a pass ends it.</summary>
internal sealed class EngineThread : IAsyncDisposable
{
    private readonly EngineLimits limits;
    private readonly RunningAnswers running;
    private readonly LinkedList<AnswerStream> waiting = [];
    private readonly Lock gate = new();
    private readonly AutoResetEvent changed = new(initialState: false);
    private readonly Action<string> tell;
    private readonly Thread thread;
    private Exception? told;
    private int reserved, rows;
    private long bytes, passes;
    private bool isOver;

    public EngineThread(BaseModel model, EngineLimits limits, Action<string> tell)
    {
        (this.limits, this.tell, running) = (limits, tell, new RunningAnswers(model, limits));
        thread = new Thread(Run) { IsBackground = true, Name = "dit engine", Priority = ThreadPriority.AboveNormal };
        thread.Start();
    }

    public EngineLoad Load
    {
        get
        {
            lock (gate)
            {
                return new EngineLoad(rows, waiting.Count, bytes, passes);
            }
        }
    }

    /// <summary>Lets the thread look at what has changed.</summary>
    public void Wake()
    {
        // Whoever leaves an enumeration may do so when all is over.
        lock (gate)
        {
            if (!isOver)
            {
                changed.Set();
            }
        }
    }

    /// <summary>A place in the queue, to be given back.</summary>
    /// <exception cref="QueueFullException">There is none.</exception>
    public IDisposable Reserve()
    {
        lock (gate)
        {
            RequireGoingOn();
            if (waiting.Count + reserved >= limits.Waiting + limits.Rows - rows)
            {
                throw new QueueFullException();
            }

            reserved++;
            return new Place(this);
        }
    }

    /// <summary>Puts a request into the queue, at a place that was reserved for it.</summary>
    public void Enqueue(IDisposable place, AnswerStream stream)
    {
        lock (gate)
        {
            RequireGoingOn();
            place.Dispose();
            waiting.AddLast(stream);
            changed.Set();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (!isOver)
            {
                isOver = true;
                changed.Set();
            }
        }

        await Task.Run(thread.Join).ConfigureAwait(false);
    }

    private void RequireGoingOn()
    {
        if (isOver)
        {
            throw new StoppingException();
        }
    }

    private void Run()
    {
        while (true)
        {
            try
            {
                lock (gate)
                {
                    if (isOver)
                    {
                        break;
                    }
                }

                Turn();
            }
#pragma warning disable CA1031 // Whatever it is, it concerns those who are being answered, and not those who come next.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Tell(e);
                EndAll(new EngineFailedException("answer: something went wrong inside, and those that were being written were broken off", e));
            }
        }

        EndAll(new StoppingException());
        foreach (var stream in TakeWaiting(_ => true))
        {
            stream.Complete(new StoppingException());
        }

        running.Dispose();
        changed.Dispose();
    }

    /// <summary>Lets go of those that nobody wants, takes in those for whom there is room, and computes one pass of each model; or waits until there is something to do.</summary>
    private void Turn()
    {
        foreach (var stream in TakeWaiting(stream => stream.IsCancelled))
        {
            stream.Complete(new OperationCanceledException());
        }

        foreach (var stream in running.Cancelled())
        {
            End(stream, new OperationCanceledException());
        }

        Admit();
        if (running.Count == 0)
        {
            changed.WaitOne();
            return;
        }

        var concerned = running.Pass();
        lock (gate)
        {
            passes++;
            Count();
        }

        foreach (var stream in concerned)
        {
            Told(stream);
        }
    }

    /// <summary>In the order in which they came: one that does not fit yet is not overtaken.</summary>
    private void Admit()
    {
        while (running.Count < limits.Rows)
        {
            AnswerStream[] next;
            lock (gate)
            {
                next = [.. waiting.TakeWhile(stream => stream.Decoder == waiting.First!.Value.Decoder).Take(limits.Rows - running.Count)];
            }

            var taken = 0;
            Exception? failure = null;
            try
            {
                taken = next.Length == 0 ? 0 : running.Add(next);
            }
#pragma warning disable CA1031 // Whatever it is, it concerns those who were to be taken in, and they must not come again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Tell(e);
                (taken, failure) = (next.Length, new EngineFailedException("answer: something went wrong inside before it was begun", e));
            }

            if (taken == 0 && next.Length > 0 && running.Count == 0)
            {
                // It would wait for ever.
                taken = 1;
                next[0].Row.Refuse("answer: expected memory for its keys, values and diff, found too little");
            }

            lock (gate)
            {
                for (var i = 0; i < taken; i++)
                {
                    waiting.RemoveFirst();
                }

                Count();
            }

            foreach (var stream in next.Take(taken))
            {
                if (failure is null)
                {
                    Told(stream);
                }
                else
                {
                    End(stream, failure);
                }
            }

            if (taken == 0)
            {
                return;
            }
        }
    }

    /// <summary>Tells whoever asked what has come.</summary>
    private void Told(AnswerStream stream)
    {
        if (stream.Row.End is not { } end)
        {
            stream.Publish();
            return;
        }

        if (end.Cause is { } cause)
        {
            Tell(cause);
        }

        End(stream, (end.Failure, end.Cause) switch
        {
            (null, _) => null,
            ({ } failure, null) => new DitException(failure),
            ({ } failure, { } inside) => new EngineFailedException(failure, inside),
        });
    }

    /// <summary>Tells whoever runs the engine, once of what ended many.</summary>
    private void Tell(Exception e)
    {
        if (!ReferenceEquals(told, e))
        {
            told = e;
            tell($"unexpected {e.GetType().Name} while answers were written");
        }
    }

    private void End(AnswerStream stream, Exception? failure)
    {
        running.Remove(stream);
        lock (gate)
        {
            Count();
        }

        stream.Complete(failure);
    }

    private void EndAll(Exception failure)
    {
        foreach (var stream in running.Clear())
        {
            End(stream, failure);
        }
    }

    private void Count() => (rows, bytes) = (running.Count, running.Bytes);

    private AnswerStream[] TakeWaiting(Func<AnswerStream, bool> which)
    {
        lock (gate)
        {
            AnswerStream[] taken = [.. waiting.Where(which)];
            Array.ForEach(taken, stream => waiting.Remove(stream));
            return taken;
        }
    }

    private sealed class Place(EngineThread thread) : IDisposable
    {
        private bool isGiven;

        public void Dispose()
        {
            lock (thread.gate)
            {
                thread.reserved -= isGiven ? 0 : 1;
                isGiven = true;
            }
        }
    }
}
