using System.Runtime.CompilerServices;
using Dit.Behaviours.World;

namespace Dit.Tests.Behaviours;

public sealed class WrittenListTests
{
    [Fact]
    public void What_nobody_holds_is_forgotten_and_written_again_the_same()
    {
        var times = 0;
        var list = new WrittenList<string>(2, () => [$"first, {++times}", "second"]);
        var story = WorldNews.Write(WorldNews.Of(TopicSplit.Train)[0], seed: 3, stories: 4);
        var hidden = WorldBehaviours.Write(TopicList.All[0], seed: 3, group: 0, examples: 4);
        Assert.Equal((2, 4, 4), (list.Count, story.Stories.Count, hidden.Examples.Count));

        var (told, seen, read) = (Text(story.Stories), Text(hidden.Examples), Read(list));
        GC.Collect();
        Assert.False(read.TryGetTarget(out _));
        Assert.Equal("first, 2", list[0]);
        Assert.Equal(told, Text(story.Stories));
        Assert.Equal(seen, Text(hidden.Examples));
    }

    [Fact]
    public void What_somebody_holds_is_written_once()
    {
        var times = 0;
        var list = new WrittenList<object>(1, () => [++times]);
        using var all = list.GetEnumerator();
        Assert.True(all.MoveNext());
        GC.Collect();
        Assert.Equal(1, list[0]);
    }

    // In methods of their own, so that no local of the test still holds what was read.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<string> Read(WrittenList<string> list) => new(list[0]);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string Text<T>(IEnumerable<T> items) => string.Join('\n', items);
}
