namespace Dit.Text.Templates;

// A template's values are: None, bool, long, double, string, BigInteger (only read from JSON and printed), and these.

/// <summary>Python's <c>None</c>.</summary>
internal sealed class None
{
    public static readonly None Value = new();
}

/// <summary>What a name or attribute that does not exist gives: prints as nothing, is false; anything else is an error.</summary>
/// <param name="reason">Why there is no value, for the error.</param>
internal sealed class Undefined(string reason)
{
    public string Reason => reason;
}

internal enum SequenceKind
{
    List,
    Tuple,
    Range,
    Keys,
    Values,
    Items,
}

/// <summary>Everything that has a number of items in an order. Nothing in a template can change one.</summary>
internal sealed class SequenceValue(IReadOnlyList<object> items, SequenceKind kind = SequenceKind.List)
{
    public IReadOnlyList<object> Items => items;

    public SequenceKind Kind => kind;

    /// <summary>Whether items can be taken by their position.</summary>
    public bool Indexable => kind is SequenceKind.List or SequenceKind.Tuple or SequenceKind.Range;

    public static SequenceValue Tuple(params object[] items) => new(items, SequenceKind.Tuple);
}

/// <summary>A dictionary in the order in which its keys were added.</summary>
internal sealed class DictValue
{
    // An entry takes about as much room as so many items of a list.
    private const int EntryItems = 6;

    private readonly OrderedDictionary<object, object> _entries = new(KeyComparer.Instance);

    public int Count => _entries.Count;

    public IEnumerable<KeyValuePair<object, object>> Entries => _entries;

    public IReadOnlyList<object> Keys => [.. _entries.Keys];

    public IReadOnlyList<object> Values => [.. _entries.Values];

    public IReadOnlyList<object> Items => [.. _entries.Select(e => (object)SequenceValue.Tuple(e.Key, e.Value))];

    /// <summary>Sets an entry; one that is there keeps its place.</summary>
    public void Set(object key, object value, Budget budget)
    {
        CountLookup(key, budget);
        budget.MakeItems(EntryItems);
        _entries[IsKey(key) ? key : throw PythonType.Unexpected("a key that can be looked up", key)] = value;
    }

    public object? Find(object key, Budget budget)
    {
        CountLookup(key, budget);
        return IsKey(key) ? _entries.GetValueOrDefault(key) : null;
    }

    /// <summary>Whether a value can be a key: texts, numbers and None can.</summary>
    public static bool IsKey(object key) => key is string or bool or long or double or None;

    private static void CountLookup(object key, Budget budget) => budget.Read(key is string text ? text.Length : 1);

    /// <summary>Python's equality for keys, for which 1, 1.0 and true are one key.</summary>
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static readonly KeyComparer Instance = new();

        public new bool Equals(object? x, object? y) => Normal(x).Equals(Normal(y));

        // Numbers are mixed with a seed, as .NET mixes texts: nobody can choose keys that all fall into one place.
        public int GetHashCode(object key) => Normal(key) switch
        {
            long number => Mixed(number),
            double number => Mixed(BitConverter.DoubleToInt64Bits(number)),
            object other => other.GetHashCode(),
        };

        private static int Mixed(long bits) => HashCode.Combine((int)bits, (int)(bits >> 32));

        private static object Normal(object? key) => key switch
        {
            bool truth => truth ? 1L : 0L,
            double number when Math.Floor(number) == number && Math.Abs(number) < 1e15 => (long)number,
            _ => key ?? None.Value,
        };
    }
}

/// <summary>Items that can be gone through once, as most filters give them.</summary>
internal sealed class IteratorValue(IEnumerable<object> items) : IDisposable
{
    private readonly IEnumerator<object> _items = items.GetEnumerator();

    /// <summary>The items nobody has taken yet.</summary>
    public IEnumerable<object> Rest(Budget budget)
    {
        while (true)
        {
            // The items may come from another iterator, and those of that from another: each level needs stack.
            budget.Step();
            if (!_items.MoveNext())
            {
                break;
            }

            yield return _items.Current;
        }
    }

    public void Dispose() => _items.Dispose();
}

/// <summary>What <c>namespace()</c> gives: the one value with attributes that a template can set.</summary>
internal sealed class NamespaceValue
{
    public Dictionary<string, object> Attributes { get; } = [];
}

/// <summary>A macro, a method of a value, or a global function.</summary>
internal sealed class Callable(string name, Func<Arguments, object> body)
{
    public string Name => name;

    public object Invoke(Arguments arguments) => body(arguments);
}

/// <summary>The arguments of one call.</summary>
internal sealed record Arguments(IReadOnlyList<object> Positional, IReadOnlyDictionary<string, object> Named)
{
    public static readonly Arguments None = new([], new Dictionary<string, object>());

    public static Arguments Of(params object[] positional) => None with { Positional = positional };

    /// <summary>The arguments in the order of the parameters, null where one is not given.</summary>
    /// <exception cref="DitException">
    /// There are more arguments than parameters, or one of the first <paramref name="required"/> is missing.
    /// </exception>
    public object?[] Bind(string function, int required, params ReadOnlySpan<string> parameters)
    {
        var bound = new object?[parameters.Length];
        if (Positional.Count > parameters.Length)
        {
            throw new DitException($"expected at most {parameters.Length} arguments for {function}, found {Positional.Count}");
        }

        for (int i = 0; i < Positional.Count; i++)
        {
            bound[i] = Positional[i];
        }

        foreach ((string name, object value) in Named)
        {
            int place = parameters.IndexOf(name);
            if (place < 0 || bound[place] is not null)
            {
                throw new DitException($"expected arguments that {function} knows, once each, found '{name}'");
            }

            bound[place] = value;
        }

        for (int i = 0; i < required; i++)
        {
            if (bound[i] is null)
            {
                throw new DitException($"expected the argument '{parameters[i]}' of {function}, found none");
            }
        }

        return bound;
    }
}
