namespace Dit.Text.Templates;

/// <summary>Filters over the items of a value.</summary>
internal static class ListFilters
{
    public static readonly Dictionary<string, Filter> All = new()
    {
        ["length"] = (value, _, evaluator) => Members.Length(value, evaluator.Budget),
        ["count"] = (value, _, evaluator) => Members.Length(value, evaluator.Budget),
        ["first"] = (value, _, evaluator) =>
            Members.Iterate(value, evaluator.Budget).FirstOrDefault(new Undefined("the first item of nothing")),
        ["last"] = Last,
        ["list"] = (value, _, evaluator) => new SequenceValue(Members.ToList(value, evaluator.Budget)),
        ["items"] = Items,
        ["join"] = Join,
        ["reverse"] = Reverse,
        ["sort"] = Sort,
        ["dictsort"] = DictSort,
        ["min"] = (value, arguments, evaluator) =>
            Extreme(value, arguments.Bind("min", 0, "case_sensitive", "attribute"), last: false, evaluator),
        ["max"] = (value, arguments, evaluator) =>
            Extreme(value, arguments.Bind("max", 0, "case_sensitive", "attribute"), last: true, evaluator),
    };

    /// <summary>
    /// The part of an item that a filter's <c>attribute</c> names, which may go deeper with dots; the item if it is null.
    /// </summary>
    public static object Attribute(object item, object? attribute, Evaluator evaluator)
    {
        switch (attribute)
        {
            case null or None:
                return item;
            case long index:
                return Members.Item(item, index, evaluator.Budget);
            default:
                foreach (string part in PythonType.Text(attribute).Split('.'))
                {
                    object key = part.Length > 0 && part.All(char.IsAsciiDigit) && long.TryParse(part, out long place) ? place : part;
                    item = Members.Item(item, key, evaluator.Budget);
                }

                return item;
        }
    }

    /// <summary>What items are compared by: themselves or an attribute, texts without regard to case unless that is asked for.</summary>
    public static Func<object, object> Key(object? attribute, object? caseSensitive, Evaluator evaluator) => item =>
    {
        object key = Attribute(item, attribute, evaluator);
        return key is string text && !PythonType.IsTrue(caseSensitive ?? false) ? evaluator.Budget.Made(text.ToLowerInvariant()) : key;
    };

    private static object Last(object value, Arguments arguments, Evaluator evaluator)
    {
        object missing = new Undefined("the last item of nothing");
        return value switch
        {
            IteratorValue => throw PythonType.Unexpected("items that can be gone through backwards", value),
            SequenceValue { Items: [.., var last] } => last,
            _ => Members.Iterate(value, evaluator.Budget).LastOrDefault(missing),
        };
    }

    private static object Items(object value, Arguments arguments, Evaluator evaluator) => value switch
    {
        DictValue dict => new IteratorValue(Entries(dict, evaluator.Budget)),
        Undefined => new IteratorValue([]),
        _ => throw PythonType.Unexpected("a dictionary", value),
    };

    private static IReadOnlyList<object> Entries(DictValue dict, Budget budget)
    {
        budget.MakeItems(dict.Count * 6L);
        return dict.Items;
    }

    private static object Join(object value, Arguments arguments, Evaluator evaluator)
    {
        object?[] given = arguments.Bind("join", 0, "d", "attribute");
        return Texts.Join(
            PythonText.Of(given[0] ?? "", evaluator.Budget),
            evaluator.Each(value).Select(item => PythonText.Of(Attribute(item, given[1], evaluator), evaluator.Budget)),
            evaluator.Budget);
    }

    private static object Reverse(object value, Arguments arguments, Evaluator evaluator)
    {
        List<object> items = Members.ToList(value, evaluator.Budget);
        items.Reverse();
        return value is string ? evaluator.Budget.Made(string.Concat(items)) : new IteratorValue(items);
    }

    private static object Sort(object value, Arguments arguments, Evaluator evaluator)
    {
        object?[] given = arguments.Bind("sort", 0, "reverse", "case_sensitive", "attribute");
        string[] attributes = given[2] is string names ? names.Split(',') : [];
        Func<object, object> key = attributes.Length > 1
            ? item => SequenceValue.Tuple([.. attributes.Select(name => Key(name, given[1], evaluator)(item))])
            : Key(given[2], given[1], evaluator);
        return new SequenceValue(
            [.. Operators.Sort(Members.ToList(value, evaluator.Budget), key, PythonType.IsTrue(given[0] ?? false), evaluator.Budget)]);
    }

    private static object DictSort(object value, Arguments arguments, Evaluator evaluator)
    {
        object?[] given = arguments.Bind("dictsort", 0, "case_sensitive", "by", "reverse");
        DictValue dict = value as DictValue ?? throw PythonType.Unexpected("a dictionary", value);
        long part = (given[1] ?? "key") switch
        {
            "key" => 0,
            "value" => 1,
            object other => throw PythonType.Unexpected("'key' or 'value'", other),
        };
        bool reverse = PythonType.IsTrue(given[2] ?? false);
        return new SequenceValue(
            [.. Operators.Sort(Entries(dict, evaluator.Budget), Key(part, given[0], evaluator), reverse, evaluator.Budget)]);
    }

    private static object Extreme(object value, object?[] given, bool last, Evaluator evaluator)
    {
        Func<object, object> key = Key(given[1], given[0], evaluator);
        object? best = null;
        object bestKey = None.Value;
        foreach (object item in evaluator.Each(value))
        {
            object itsKey = key(item);
            if (best is null || Operators.Holds(last ? ">" : "<", itsKey, bestKey, evaluator.Budget))
            {
                (best, bestKey) = (item, itsKey);
            }
        }

        return best ?? new Undefined("the least or greatest item of nothing");
    }
}
