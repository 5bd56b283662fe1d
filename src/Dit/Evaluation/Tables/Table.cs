namespace Dit.Evaluation.Tables;

/// <summary>How a column's numbers are written for people; files for machines hold them as they are.</summary>
public enum Unit
{
    /// <summary>As it is, with up to four digits behind the point.</summary>
    Plain,

    /// <summary>From 0 to 1, in percent with one digit behind the point.</summary>
    Share,

    /// <summary>On a scale such as 1 to 5, with two digits behind the point.</summary>
    Score,
}

/// <summary>A column of a table.</summary>
/// <param name="Name">What stands above it.</param>
/// <param name="Unit">How its numbers are written.</param>
public sealed record Column(string Name, Unit Unit = Unit.Plain);

/// <summary>A table of results. <see cref="CsvTable"/> writes it for machines and <see cref="MarkdownTable"/> for people.</summary>
public sealed record Table
{
    /// <summary>A table.</summary>
    /// <param name="columns">Its columns.</param>
    /// <param name="rows">A cell for each column.</param>
    /// <exception cref="ArgumentException">A row has fewer or more cells than there are columns.</exception>
    public Table(IReadOnlyList<Column> columns, IReadOnlyList<IReadOnlyList<TableCell>> rows)
    {
        if (rows.FirstOrDefault(row => row.Count != columns.Count) is { } uneven)
        {
            throw new ArgumentException($"A row must have a cell for each of the {columns.Count} columns, not {uneven.Count}.", nameof(rows));
        }

        (Columns, Rows) = (columns, rows);
    }

    /// <summary>Its columns.</summary>
    public IReadOnlyList<Column> Columns { get; }

    /// <summary>Its rows, each with a cell for each column.</summary>
    public IReadOnlyList<IReadOnlyList<TableCell>> Rows { get; }
}
