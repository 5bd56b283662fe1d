namespace Dit.Text.Templates;

/// <summary>Filters that put the items of a value into groups.</summary>
internal static class GroupingFilters
{
    public static readonly Dictionary<string, Filter> All = new()
    {
        ["unique"] = (value, arguments, evaluator) =>
            new IteratorValue(Unique(value, arguments.Bind("unique", 0, "case_sensitive", "attribute"), evaluator)),
        ["groupby"] = GroupBy,
        ["batch"] = (value, arguments, evaluator) =>
            new IteratorValue(Batch(value, arguments.Bind("batch", 1, "linecount", "fill_with"), evaluator)),
        ["slice"] = (value, arguments, evaluator) =>
            new IteratorValue(Slices(value, arguments.Bind("slice", 1, "slices", "fill_with"), evaluator)),
    };

    private static IEnumerable<object> Unique(object value, object?[] given, Evaluator evaluator)
    {
        Func<object, object> key = ListFilters.Key(given[1], given[0], evaluator);
        var seen = new DictValue();
        foreach (object item in evaluator.Each(value))
        {
            object itsKey = key(item);
            if (seen.Find(itsKey, evaluator.Budget) is null)
            {
                seen.Set(itsKey, true, evaluator.Budget);
                yield return item;
            }
        }
    }

    private static object GroupBy(object value, Arguments arguments, Evaluator evaluator)
    {
        object?[] given = arguments.Bind("groupby", 1, "attribute", "default", "case_sensitive");
        Budget budget = evaluator.Budget;
        bool caseSensitive = PythonType.IsTrue(given[2] ?? false);
        Func<object, object> key = item =>
            ListFilters.Attribute(item, given[0], evaluator) is var found && found is Undefined ? given[1] ?? found : found;
        Func<object, object> folded = item => key(item) is var found && found is string text && !caseSensitive
            ? budget.Made(text.ToLowerInvariant())
            : found;
        var groups = new List<object>();
        var group = new List<object>();
        foreach (object item in Operators.Sort(Members.ToList(value, budget), folded, reverse: false, budget))
        {
            if (group.Count > 0 && !Operators.Equal(folded(group[0]), folded(item), budget))
            {
                groups.Add(SequenceValue.Tuple(key(group[0]), new SequenceValue(group)));
                group = [];
            }

            group.Add(item);
        }

        if (group.Count > 0)
        {
            groups.Add(SequenceValue.Tuple(key(group[0]), new SequenceValue(group)));
        }

        return new SequenceValue(groups);
    }

    private static IEnumerable<object> Batch(object value, object?[] given, Evaluator evaluator)
    {
        long size = PythonType.Integer(given[0]!);
        var batch = new List<object>();
        foreach (object item in evaluator.Each(value))
        {
            if (batch.Count == size)
            {
                yield return new SequenceValue(batch);
                batch = [];
            }

            batch.Add(item);
        }

        if (batch.Count > 0)
        {
            Fill(batch, size, given[1], evaluator.Budget);
            yield return new SequenceValue(batch);
        }
    }

    private static IEnumerable<object> Slices(object value, object?[] given, Evaluator evaluator)
    {
        List<object> items = Members.ToList(value, evaluator.Budget);
        long count = PythonType.Integer(given[0]!);
        if (count is <= 0 or > Budget.MaxLoopIterations)
        {
            throw new DitException($"expected a number of slices that is positive and not too large, found {count}");
        }

        int least = items.Count / (int)count;
        int longer = items.Count % (int)count;
        int start = 0;
        for (int i = 0; i < count; i++)
        {
            evaluator.Budget.Iterate();
            int size = least + (i < longer ? 1 : 0);
            List<object> slice = items.GetRange(start, size);
            start += size;
            Fill(slice, i >= longer ? least + 1 : 0, given[1], evaluator.Budget);
            yield return new SequenceValue(slice);
        }
    }

    private static void Fill(List<object> items, long size, object? filling, Budget budget)
    {
        if (filling is not (null or None))
        {
            budget.MakeItems(size);
            while (items.Count < size)
            {
                items.Add(filling);
            }
        }
    }
}
