namespace Dit.Text.Templates;

/// <summary>The methods of dictionaries and lists. Those that would change one are refused, as chat templates are sandboxed.</summary>
internal static class CollectionMethods
{
    public static object? Find(DictValue dict, string name, Budget budget) => name switch
    {
        "get" => new Callable(name, arguments =>
            arguments.Bind("get", 1, "key", "default") is var given ? dict.Find(given[0]!, budget) ?? given[1] ?? None.Value : None.Value),
        "items" => View(name, dict, () => dict.Items, SequenceKind.Items, budget),
        "keys" => View(name, dict, () => dict.Keys, SequenceKind.Keys, budget),
        "values" => View(name, dict, () => dict.Values, SequenceKind.Values, budget),
        "copy" => new Callable(name, _ => dict),
        "clear" or "pop" or "popitem" or "setdefault" or "update" => Refused(name),
        _ => null,
    };

    public static object? Find(SequenceValue sequence, string name, Budget budget) => name switch
    {
        "index" => new Callable(name, arguments => Index(sequence, arguments.Bind("index", 1, "value")[0]!, budget)),
        "count" => new Callable(name, arguments => Count(sequence, arguments.Bind("count", 1, "value")[0]!, budget)),
        _ when sequence.Kind != SequenceKind.List => null,
        "copy" => new Callable(name, _ => sequence),
        "append" or "clear" or "pop" or "reverse" or "insert" or "sort" or "extend" or "remove" => Refused(name),
        _ => null,
    };

    private static Callable View(string name, DictValue dict, Func<IReadOnlyList<object>> items, SequenceKind kind, Budget budget) =>
        new(name, arguments =>
        {
            arguments.Bind(name, 0);
            budget.MakeItems(dict.Count * 6L);
            return new SequenceValue(items(), kind);
        });

    private static Undefined Refused(string name) => new($"'{name}', which would change a value and is not allowed");

    private static long Count(SequenceValue sequence, object item, Budget budget) =>
        sequence.Items.LongCount(other => Operators.Equal(other, item, budget));

    private static object Index(SequenceValue sequence, object item, Budget budget)
    {
        for (int i = 0; i < sequence.Items.Count; i++)
        {
            if (Operators.Equal(sequence.Items[i], item, budget))
            {
                return (long)i;
            }
        }

        throw new DitException("expected a list that contains what is looked for, found one without it");
    }
}
