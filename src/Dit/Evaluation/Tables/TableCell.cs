namespace Dit.Evaluation.Tables;

/// <summary>What stands in a row of a table below one column's name.</summary>
public abstract record TableCell
{
    private TableCell()
    {
    }

    /// <summary>Nothing.</summary>
    public static TableCell Empty { get; } = new Words("");

    /// <summary>Text; nothing for null.</summary>
    public static implicit operator TableCell(string? text) => Of(text);

    /// <summary>A number; nothing for null.</summary>
    public static implicit operator TableCell(double? number) => Of(number);

    /// <summary>A number.</summary>
    public static implicit operator TableCell(double number) => Of(number);

    /// <summary>Text; nothing for null.</summary>
    public static TableCell Of(string? text) => text is null ? Empty : new Words(text);

    /// <summary>A number; nothing for null.</summary>
    public static TableCell Of(double? number) => number is { } value ? new Figure(value) : Empty;

    /// <summary>A mean with its interval; nothing for null.</summary>
    /// <param name="interval">The mean.</param>
    /// <param name="count">Of how many values.</param>
    public static TableCell Of(Interval? interval, int count) => interval is null ? Empty : new Mean(interval, count);

    internal sealed record Words(string Text) : TableCell;

    internal sealed record Figure(double Value) : TableCell;

    internal sealed record Mean(Interval Interval, int Count) : TableCell;
}
