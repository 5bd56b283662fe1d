namespace Dit.Training;

public sealed class ReadAheadTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void All_come_in_order_and_no_more_are_made_than_are_wanted()
    {
        var made = 0;
        using var ahead = new ReadAhead<Thing>(Enumerable.Range(0, 20).Select(i => new Thing(i, ref made)), 2);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(i, ahead.Next().Number);
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref made) == Math.Min(20, i + 3), Long));
        }

        Assert.Throws<InvalidOperationException>(ahead.Next);
    }

    [Fact]
    public void What_goes_wrong_is_thrown_where_its_thing_is_asked_for()
    {
        var made = 0;
        using var ahead = new ReadAhead<Thing>(Enumerable.Range(0, 5).Select(i => i < 2 ? new Thing(i, ref made) : throw new DitException("x: expected more")), 4);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref made) == 2, Long));

        Assert.Equal([0, 1], [ahead.Next().Number, ahead.Next().Number]);
        Assert.Equal("x: expected more", Assert.Throws<DitException>(ahead.Next).Message);
        Assert.Throws<DitException>(ahead.Next);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Nothing_is_left_of_one_that_is_disposed(int taken)
    {
        var (made, closed) = (0, 0);
        var things = new List<Thing>();
        var ahead = new ReadAhead<Thing>(Things(), 2);
        for (var i = 0; i < taken; i++)
        {
            ahead.Next().Dispose();
        }

        ahead.Dispose();

        Assert.InRange(made, taken, taken + 2);
        Assert.All(things, thing => Assert.True(thing.IsDisposed));
        Assert.Equal(made > 0 ? 1 : 0, closed);

        IEnumerable<Thing> Things()
        {
            try
            {
                while (true)
                {
                    things.Add(new Thing(made, ref made));
                    yield return things[^1];
                }
            }
            finally
            {
                closed++;
            }
        }
    }

    private sealed class Thing : IDisposable
    {
        public Thing(int number, ref int made)
        {
            Number = number;
            Interlocked.Increment(ref made);
        }

        public int Number { get; }

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
