namespace Dit.Text.Templates;

/// <summary>Filters that apply a test, another filter or an attribute to every item.</summary>
internal static class SelectingFilters
{
    public static readonly Dictionary<string, Filter> All = new()
    {
        ["map"] = (value, arguments, evaluator) => new IteratorValue(Map(value, arguments, evaluator)),
        ["select"] = Selecting(byAttribute: false, wanted: true),
        ["reject"] = Selecting(byAttribute: false, wanted: false),
        ["selectattr"] = Selecting(byAttribute: true, wanted: true),
        ["rejectattr"] = Selecting(byAttribute: true, wanted: false),
    };

    private static Filter Selecting(bool byAttribute, bool wanted) => (value, arguments, evaluator) =>
        new IteratorValue(Select(value, arguments, byAttribute, wanted, evaluator));

    private static IEnumerable<object> Map(object value, Arguments arguments, Evaluator evaluator)
    {
        Func<object, object> map;
        if (arguments.Positional.Count == 0 && arguments.Named.TryGetValue("attribute", out object? attribute))
        {
            object? preset = arguments.Bind("map", 0, "attribute", "default")[1];
            map = item => ListFilters.Attribute(item, attribute, evaluator) is var found && found is Undefined ? preset ?? found : found;
        }
        else
        {
            string name = FirstName(arguments, "map");
            Arguments rest = arguments with { Positional = [.. arguments.Positional.Skip(1)] };
            map = item => Filters.Apply(name, item, rest, evaluator);
        }

        foreach (object item in Each(value, evaluator))
        {
            yield return map(item);
        }
    }

    private static IEnumerable<object> Select(
        object value, Arguments arguments, bool byAttribute, bool wanted, Evaluator evaluator)
    {
        object? attribute = byAttribute
            ? arguments.Positional.ElementAtOrDefault(0) ?? throw new DitException("expected the name of an attribute, found none")
            : null;
        arguments = byAttribute ? arguments with { Positional = [.. arguments.Positional.Skip(1)] } : arguments;
        Func<object, bool> holds = PythonType.IsTrue;
        if (arguments.Positional.Count > 0)
        {
            string name = FirstName(arguments, "select");
            Arguments rest = arguments with { Positional = [.. arguments.Positional.Skip(1)] };
            holds = item => ValueTests.Holds(name, item, rest, evaluator);
        }

        foreach (object item in Each(value, evaluator))
        {
            if (holds(ListFilters.Attribute(item, attribute, evaluator)) == wanted)
            {
                yield return item;
            }
        }
    }

    // None and zero are as good as no items to these filters, though to no others.
    private static IEnumerable<object> Each(object value, Evaluator evaluator) => PythonType.IsTrue(value) ? evaluator.Each(value) : [];

    private static string FirstName(Arguments arguments, string filter) => arguments.Positional is [string name, ..]
        ? name
        : throw new DitException($"expected a name as the first argument of '{filter}', found none");
}
