namespace Dit.Text.Templates;

/// <summary>A filter: <c>value | name(arguments)</c>. The evaluator is there for filters that apply other filters and tests.</summary>
internal delegate object Filter(object value, Arguments arguments, Evaluator evaluator);

/// <summary>All filters by name.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, Filter> All = new[]
    {
        TextFilters.All, NumberFilters.All, ListFilters.All, GroupingFilters.All, SelectingFilters.All,
        new()
        {
            ["default"] = Default,
            ["d"] = Default,
            ["tojson"] = (value, arguments, evaluator) => PythonJson.Write(value, arguments, evaluator.Budget),
            ["attr"] = (value, arguments, evaluator) =>
                Members.OwnAttribute(value, PythonType.Text(arguments.Bind("attr", 1, "name")[0]!), evaluator.Budget),
        },
    }.SelectMany(table => table).ToDictionary();

    public static bool Exists(string name) => All.ContainsKey(name);

    public static object Apply(string name, object value, Arguments arguments, Evaluator evaluator)
    {
        Filter filter = All.GetValueOrDefault(name) ?? throw new DitException($"expected a filter that exists, found '{name}'");
        evaluator.Budget.Step();
        return filter(value, arguments, evaluator);
    }

    private static object Default(object value, Arguments arguments, Evaluator evaluator)
    {
        object?[] given = arguments.Bind("default", 0, "default_value", "boolean");
        bool alsoIfFalse = PythonType.IsTrue(given[1] ?? false);
        return value is Undefined || (alsoIfFalse && !PythonType.IsTrue(value)) ? given[0] ?? "" : value;
    }
}
