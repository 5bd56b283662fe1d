namespace Dit.Text.Templates;

/// <summary>Attributes, items and slices of values, and going through them.</summary>
internal static class Members
{
    /// <summary><c>x.name</c>: a method or attribute before an entry of that name.</summary>
    public static object Attribute(object target, string name, Budget budget) =>
        Own(target, name, budget) ?? Entry(target, name, budget) ?? Missing(target, name);

    /// <summary><c>x|attr(name)</c>: a method or attribute, never an entry.</summary>
    public static object OwnAttribute(object target, string name, Budget budget) => Own(target, name, budget) ?? Missing(target, name);

    /// <summary><c>x[key]</c>: an entry before a method or attribute of that name.</summary>
    public static object Item(object target, object key, Budget budget)
    {
        object? found = Entry(target, key, budget);
        if (found is null && target is string text && PythonType.IsInteger(key, out long index))
        {
            var characters = new CodePoints(text, budget);
            found = Place(index, characters.Count) is { } place ? characters[place] : null;
        }

        if (found is null && target is SequenceValue { Indexable: true } sequence && PythonType.IsInteger(key, out long position))
        {
            found = Place(position, sequence.Items.Count) is { } place ? sequence.Items[place] : null;
        }

        return found ?? (key is string name ? Own(target, name, budget) : null) ?? Missing(target, key);
    }

    /// <summary><c>x[start:stop:step]</c></summary>
    public static object Slice(object target, object start, object stop, object step, Budget budget)
    {
        switch (target)
        {
            case string text:
                var characters = new CodePoints(text, budget);
                var part = Places.Of(start, stop, step, characters.Count);
                return part.Step == 1
                    ? budget.Made(text[characters.Unit(part.First)..characters.Unit(part.First + part.Count)])
                    : budget.Made(string.Concat(part.All().Select(i => characters[i])));
            case SequenceValue { Indexable: true } sequence:
                var places = Places.Of(start, stop, step, sequence.Items.Count);
                budget.MakeItems(places.Count);
                return new SequenceValue([.. places.All().Select(i => sequence.Items[i])], sequence.Kind);
            default:
                throw PythonType.Unexpected("a text or a list to take a part of", target);
        }
    }

    /// <summary>The items of a value, one after the other.</summary>
    /// <exception cref="DitException">The value has no items.</exception>
    public static IEnumerable<object> Iterate(object value, Budget budget) => value switch
    {
        string text => new CodePoints(text, budget).All(),
        SequenceValue sequence => sequence.Items,
        DictValue dict => dict.Keys,
        IteratorValue iterator => iterator.Rest(budget),
        Undefined => [],
        _ => throw PythonType.Unexpected("something to go through", value),
    };

    /// <summary>All items of a value as a list.</summary>
    public static List<object> ToList(object value, Budget budget)
    {
        var items = new List<object>();
        foreach (object item in Iterate(value, budget))
        {
            budget.MakeItem(items.Count);
            items.Add(item);
        }

        return items;
    }

    public static long Length(object value, Budget budget) => value switch
    {
        string text => new CodePoints(text, budget).Count,
        SequenceValue sequence => sequence.Items.Count,
        DictValue dict => dict.Count,
        LoopValue loop => loop.Length,
        Undefined => 0,
        _ => throw PythonType.Unexpected("something that has a length", value),
    };

    private static object? Own(object target, string name, Budget budget) => target switch
    {
        string text => StringMethods.Find(text, name, budget),
        DictValue dict => CollectionMethods.Find(dict, name, budget),
        SequenceValue { Kind: SequenceKind.List or SequenceKind.Tuple } sequence => CollectionMethods.Find(sequence, name, budget),
        NamespaceValue space => space.Attributes.GetValueOrDefault(name),
        LoopValue loop => loop.Find(name),
        Callable callable when name == "name" => callable.Name,
        Undefined missing => throw new DitException($"expected a value that has '{name}', found {missing.Reason}"),
        _ => null,
    };

    private static object? Entry(object target, object key, Budget budget) => target switch
    {
        DictValue dict => dict.Find(key, budget),
        Undefined missing => throw new DitException($"expected a value that has items, found {missing.Reason}"),
        _ => null,
    };

    private static Undefined Missing(object target, object key) => new(
        $"{PythonType.Name(target)} without {(key is string name ? $"'{name}'" : $"an item for {PythonType.Name(key)}")}");

    private static int? Place(long index, int count)
    {
        long place = index < 0 ? index + count : index;
        return place >= 0 && place < count ? (int)place : null;
    }

    /// <summary>The places a slice takes.</summary>
    private readonly record struct Places(int First, long Step, int Count)
    {
        public static Places Of(object start, object stop, object step, int length)
        {
            long by = step is None ? 1 : PythonType.Integer(step);
            if (by == 0)
            {
                throw new DitException("expected the step of a slice to be other than zero, found zero");
            }

            // Towards the front a slice ends before the first item.
            (long low, long high) = by > 0 ? (0L, length) : (-1L, length - 1);
            long from = Bound(start, by > 0 ? low : high);
            long to = Bound(stop, by > 0 ? high : low);
            long distance = by > 0 ? to - from : from - to;
            long stride = by == long.MinValue ? long.MaxValue : Math.Abs(by);
            return distance <= 0 ? new Places(0, by, 0) : new Places((int)from, by, (int)((distance - 1) / stride + 1));

            long Bound(object bound, long none)
            {
                if (bound is None)
                {
                    return none;
                }

                long place = PythonType.Integer(bound);
                return Math.Clamp(place < 0 ? place + length : place, low, high);
            }
        }

        public IEnumerable<int> All()
        {
            long place = First;
            for (int i = 0; i < Count; i++, place += Step)
            {
                yield return (int)place;
            }
        }
    }
}
