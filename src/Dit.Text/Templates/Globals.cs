namespace Dit.Text.Templates;

/// <summary>The functions that every chat template can call.</summary>
internal static class Globals
{
    // The limit of Jinja's sandbox.
    private const int MaxRange = 100_000;

    public static Dictionary<string, object> Create(Budget budget, TimeProvider clock) => new Callable[]
    {
        new("range", arguments => Range(arguments, budget)),
        new("dict", arguments => Dict(arguments, budget)),
        new("namespace", arguments => Namespace(arguments, budget)),
        new("raise_exception", arguments => throw new DitException(
            "expected a conversation that the template can render, found one that it refuses: "
            + PythonText.Of(arguments.Bind("raise_exception", 1, "message")[0]!, budget))),
        new("strftime_now", arguments => Strftime.Format(
            clock.GetLocalNow().DateTime, PythonType.Text(arguments.Bind("strftime_now", 1, "format")[0]!), budget)),
    }.ToDictionary(function => function.Name, function => (object)function);

    private static SequenceValue Range(Arguments arguments, Budget budget)
    {
        object?[] given = arguments.Bind("range", 1, "start", "stop", "step");
        long first = PythonType.Integer(given[0]!);
        (long start, long stop) = given[1] is { } end ? (first, PythonType.Integer(end)) : (0, first);
        long step = PythonType.Integer(given[2] ?? 1L);
        if (step == 0)
        {
            throw new DitException("expected the step of a range to be other than zero, found zero");
        }

        var items = new List<object>();
        for (Int128 i = start; step > 0 ? i < stop : i > stop; i += step)
        {
            if (items.Count == MaxRange)
            {
                throw new DitException($"expected a range of at most {MaxRange} numbers, found a longer one");
            }

            items.Add((long)i);
        }

        budget.MakeItems(items.Count);
        return new SequenceValue(items, SequenceKind.Range);
    }

    private static DictValue Dict(Arguments arguments, Budget budget)
    {
        var result = new DictValue();
        if (arguments.Positional.Count > 1)
        {
            throw new DitException($"expected at most one value to make a dictionary of, found {arguments.Positional.Count}");
        }

        if (arguments.Positional is [DictValue other])
        {
            foreach ((object key, object value) in other.Entries)
            {
                result.Set(key, value, budget);
            }
        }
        else if (arguments.Positional is [var pairs])
        {
            foreach (object pair in Members.Iterate(pairs, budget))
            {
                result.Set(
                    Members.Iterate(pair, budget).ElementAtOrDefault(0) ?? throw PythonType.Unexpected("a key and a value", pair),
                    Members.Iterate(pair, budget).ElementAtOrDefault(1) ?? throw PythonType.Unexpected("a key and a value", pair),
                    budget);
            }
        }

        foreach ((string key, object value) in arguments.Named)
        {
            result.Set(key, value, budget);
        }

        return result;
    }

    private static NamespaceValue Namespace(Arguments arguments, Budget budget)
    {
        var result = new NamespaceValue();
        foreach ((object key, object value) in Dict(arguments, budget).Entries)
        {
            result.Attributes[PythonType.Text(key)] = value;
        }

        return result;
    }
}
