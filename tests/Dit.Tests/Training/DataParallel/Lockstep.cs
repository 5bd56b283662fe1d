namespace Dit.Training.DataParallel;

/// <summary>
/// Ranks in one process. They take turns and never run at once, so that what is tested is the arithmetic and not the threads of this process.
/// </summary>
internal sealed class Lockstep
{
    private readonly Lock gate = new();
    private readonly ManualResetEventSlim[] turns;
    private readonly bool[] ended;
    private float[]? adding, added;
    private bool failed;

    private Lockstep(int size)
    {
        turns = [.. Enumerable.Range(0, size).Select(rank => new ManualResetEventSlim(rank == 0))];
        ended = new bool[size];
    }

    /// <summary>Runs the same work on every rank.</summary>
    public static T[] Run<T>(int size, Func<ICommunicator, T> work)
    {
        var together = new Lockstep(size);
        var results = new T[size];
        var errors = new Exception?[size];
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                together.turns[rank].Wait();
                results[rank] = work(new Member(together, rank, size));
            }
#pragma warning disable CA1031 // It is thrown again by the test's own thread.
            catch (Exception e)
#pragma warning restore CA1031
            {
                errors[rank] = e;
                together.failed |= e is not OperationCanceledException;
            }

            together.ended[rank] = true;
            together.Next(rank);
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        var error = errors.FirstOrDefault(e => e is not null and not InvalidOperationException) ?? errors.FirstOrDefault(e => e is not null);
        return error is null ? results : throw error;
    }

    private void Sum(int rank, Span<float> numbers)
    {
        lock (gate)
        {
            adding ??= new float[numbers.Length];
            for (var i = 0; i < numbers.Length; i++)
            {
                adding[i] += numbers[i];
            }

            if (rank == turns.Length - 1)
            {
                (added, adding) = (adding, null);
            }
        }

        Next(rank);
        turns[rank].Wait();
        if (failed)
        {
            throw new InvalidOperationException("Another rank has failed.");
        }

        added!.CopyTo(numbers);
    }

    private void Next(int rank)
    {
        turns[rank].Reset();
        var next = Enumerable.Range(1, turns.Length).Select(i => (rank + i) % turns.Length).FirstOrDefault(other => !ended[other], -1);
        if (next >= 0)
        {
            turns[next].Set();
        }
    }

    private sealed class Member(Lockstep together, int rank, int size) : ICommunicator
    {
        public int Rank => rank;

        public int Size => size;

        public void Sum(Span<float> numbers) => together.Sum(rank, numbers);
    }
}
