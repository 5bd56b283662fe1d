namespace Dit.Text.Templates;

/// <summary>
/// The variable <c>loop</c>, and the loop itself: items are fetched when they are needed, so that a loop's condition sees what
/// the rounds before have set.
/// </summary>
internal sealed class LoopValue(IEnumerable<object> items, int depth, Func<object, string>? recurse, Budget budget) : IDisposable
{
    private IEnumerator<object> _items = items.GetEnumerator();
    private object? _previous;
    private object? _current;
    private object? _next;
    private IReadOnlyList<object>? _lastChanged;
    private int _index = -1;
    private long? _length;

    public object Current => _current!;

    public long Length => _length ??= CountItems();

    /// <summary>Goes on to the next item; false if there is none.</summary>
    public bool MoveNext()
    {
        object? next = Peek();
        if (next is null)
        {
            return false;
        }

        budget.Iterate();
        (_previous, _current, _next) = (_current, next, null);
        _index++;
        return true;
    }

    /// <summary>An attribute of the loop, null if there is none of that name.</summary>
    public object? Find(string name) => name switch
    {
        "index" => _index + 1L,
        "index0" => (long)_index,
        "revindex" => Length - _index,
        "revindex0" => Length - _index - 1,
        "first" => _index == 0,
        "last" => Peek() is null,
        "length" => Length,
        "depth" => depth + 1L,
        "depth0" => (long)depth,
        "previtem" => _previous ?? new Undefined("no item before the first"),
        "nextitem" => Peek() ?? new Undefined("no item behind the last"),
        "cycle" => new Callable(name, arguments => arguments.Positional.Count > 0
            ? arguments.Positional[_index % arguments.Positional.Count]
            : throw new DitException("expected values to cycle through, found none")),
        "changed" => new Callable(name, HasChanged),
        _ => null,
    };

    /// <summary>Runs a recursive loop over other items.</summary>
    public string Recurse(object other) => recurse is null
        ? throw new DitException("expected a loop marked 'recursive' to be called, found one that is not")
        : budget.Call(() => recurse(other));

    public void Dispose() => _items.Dispose();

    private object? Peek() => _next ??= _items.MoveNext() ? _items.Current : null;

    private long CountItems()
    {
        var rest = new List<object>();
        while (_items.MoveNext())
        {
            budget.MakeItem(rest.Count);
            rest.Add(_items.Current);
        }

        _items.Dispose();
        _items = rest.GetEnumerator();
        return _index + 1 + rest.Count + (_next is null ? 0 : 1);
    }

    private object HasChanged(Arguments arguments)
    {
        bool same = _lastChanged is { } last && last.Count == arguments.Positional.Count
            && last.Zip(arguments.Positional).All(pair => Operators.Equal(pair.First, pair.Second, budget));
        _lastChanged = arguments.Positional;
        return !same;
    }
}
