using System.Globalization;

namespace Dit.Training;

/// <summary>
/// One of several equal parts of the work on a diff set, for processes on any machines that share its folder. Shards are dealt out in turn, so
/// that parts differ by one at most, and a part is the same whatever is finished already.
/// </summary>
/// <param name="Index">Which part, counted from 0.</param>
/// <param name="Count">How many parts there are.</param>
public sealed record WorkPart(int Index, int Count)
{
    /// <summary>All of the work.</summary>
    public static WorkPart Whole { get; } = new(0, 1);

    /// <summary>Whether a shard belongs to this part.</summary>
    public bool Has(int shard) => shard % Count == Index;

    /// <summary>Reads <c>i/n</c>; null where it is no such thing or i is not below n.</summary>
    public static WorkPart? Parse(string text) =>
        text.Split('/') is [var first, var second] && Number(first) is { } index && Number(second) is { } count && index < count ? new WorkPart(index, count) : null;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
