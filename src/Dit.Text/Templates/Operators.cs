namespace Dit.Text.Templates;

/// <summary>Python's comparisons and membership.</summary>
internal static class Operators
{
    public static bool Equal(object left, object right, Budget budget)
    {
        budget.Step();
        switch (left, right)
        {
            case (string a, string b):
                budget.Read(Math.Min(a.Length, b.Length));
                return string.Equals(a, b, StringComparison.Ordinal);
            case (SequenceValue a, SequenceValue b):
                return a.Kind == b.Kind && a.Items.Count == b.Items.Count
                    && a.Items.Zip(b.Items).All(pair => Equal(pair.First, pair.Second, budget));
            case (DictValue a, DictValue b):
                return a.Count == b.Count
                    && a.Entries.All(entry => b.Find(entry.Key, budget) is { } other && Equal(entry.Value, other, budget));
            case (Undefined, Undefined):
                return true;
            default:
                return PythonType.IsInteger(left, out long i) && PythonType.IsInteger(right, out long j)
                    ? i == j
                    : PythonType.IsNumber(left, out double x) && PythonType.IsNumber(right, out double y) ? x == y : left.Equals(right);
        }
    }

    /// <summary>Less than zero, zero or more, as left comes before, with or behind right.</summary>
    public static int Compare(object left, object right, Budget budget)
    {
        budget.Step();
        switch (left, right)
        {
            case (string a, string b):
                budget.Read(Math.Min(a.Length, b.Length));
                return CodePoints.Compare(a, b);
            case (SequenceValue { Indexable: true } a, SequenceValue { Indexable: true } b) when a.Kind == b.Kind:
                for (int i = 0; i < Math.Min(a.Items.Count, b.Items.Count); i++)
                {
                    if (!Equal(a.Items[i], b.Items[i], budget))
                    {
                        return Compare(a.Items[i], b.Items[i], budget);
                    }
                }

                return a.Items.Count.CompareTo(b.Items.Count);
            default:
                if (PythonType.IsInteger(left, out long m) && PythonType.IsInteger(right, out long n))
                {
                    return m.CompareTo(n);
                }

                if (PythonType.IsNumber(left, out double x) && PythonType.IsNumber(right, out double y))
                {
                    return x.CompareTo(y);
                }

                throw (left, right) switch
                {
                    (Undefined, _) => PythonType.Unexpected("values that have an order", left),
                    (_, Undefined) => PythonType.Unexpected("values that have an order", right),
                    _ => new DitException(
                        $"expected values that have an order, found {PythonType.Name(left)} and {PythonType.Name(right)}"),
                };
        }
    }

    public static bool Holds(string comparison, object left, object right, Budget budget) => comparison switch
    {
        "==" => Equal(left, right, budget),
        "!=" => !Equal(left, right, budget),
        "in" => Contains(right, left, budget),
        "not in" => !Contains(right, left, budget),
        "<" => Compare(left, right, budget) < 0 && !IsNaN(left, right),
        "<=" => Compare(left, right, budget) <= 0 && !IsNaN(left, right),
        ">" => Compare(left, right, budget) > 0 && !IsNaN(left, right),
        _ => Compare(left, right, budget) >= 0 && !IsNaN(left, right),
    };

    public static bool Contains(object container, object item, Budget budget)
    {
        switch (container)
        {
            case string text:
                budget.Read(text.Length);
                return text.Contains(
                    item as string ?? throw PythonType.Unexpected("a text to look for in a text", item), StringComparison.Ordinal);
            case DictValue dict:
                return DictValue.IsKey(item)
                    ? dict.Find(item, budget) is not null
                    : throw PythonType.Unexpected("a key that can be looked up", item);
            default:
                return Members.Iterate(container, budget).Any(other => Equal(other, item, budget));
        }
    }

    /// <summary>Sorts stably by a key.</summary>
    public static IEnumerable<T> Sort<T>(IEnumerable<T> items, Func<T, object> key, bool reverse, Budget budget)
    {
        var comparer = Comparer<object>.Create((a, b) => Compare(a, b, budget));
        try
        {
            // Python keeps the order of equals when it sorts in reverse, as this does.
            return [.. reverse ? items.OrderByDescending(key, comparer) : items.OrderBy(key, comparer)];
        }
        catch (InvalidOperationException error) when (error.InnerException is DitException cause)
        {
            throw new DitException(cause.Message, error);
        }
    }

    private static bool IsNaN(object left, object right) => left is double.NaN || right is double.NaN;
}
