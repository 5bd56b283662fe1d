using System.Numerics;

namespace Dit.Text.Templates;

/// <summary>The tests of <c>value is name(arguments)</c>.</summary>
internal static class ValueTests
{
    private delegate bool Test(object value, Arguments arguments, Evaluator evaluator);

    private static readonly Dictionary<string, Test> All = new()
    {
        ["defined"] = Plain((value, _) => value is not Undefined),
        ["undefined"] = Plain((value, _) => value is Undefined),
        ["none"] = Plain((value, _) => value is None),
        ["boolean"] = Plain((value, _) => value is bool),
        ["true"] = Plain((value, _) => value is true),
        ["false"] = Plain((value, _) => value is false),
        ["integer"] = Plain((value, _) => value is long or BigInteger),
        ["float"] = Plain((value, _) => value is double),
        ["number"] = Plain((value, _) => value is bool or long or double or BigInteger),
        ["string"] = Plain((value, _) => value is string),
        ["mapping"] = Plain((value, _) => value is DictValue),
        ["iterable"] = Plain((value, _) => value is string or SequenceValue or DictValue or IteratorValue or LoopValue or Undefined),
        ["sequence"] = Plain((value, _) => value is string or SequenceValue { Indexable: true } or DictValue or Undefined),
        ["callable"] = Plain((value, _) => value is Callable or LoopValue or Undefined),
        ["escaped"] = Plain((_, _) => false),
        ["odd"] = Plain((value, evaluator) => Remainder(value, 2L, evaluator) is 1L or 1.0),
        ["even"] = Plain((value, evaluator) => Remainder(value, 2L, evaluator) is 0L or 0.0),
        ["divisibleby"] = (value, arguments, evaluator) =>
            Remainder(value, arguments.Bind("divisibleby", 1, "num")[0]!, evaluator) is 0L or 0.0,
        ["lower"] = Plain((value, evaluator) => IsCased(value, char.IsLower, char.IsUpper, evaluator.Budget)),
        ["upper"] = Plain((value, evaluator) => IsCased(value, char.IsUpper, char.IsLower, evaluator.Budget)),
        ["sameas"] = (value, arguments, evaluator) => IsSame(value, arguments.Bind("sameas", 1, "other")[0]!, evaluator.Budget),
        ["filter"] = Plain((value, _) => value is string name && Filters.Exists(name)),
        ["test"] = Plain((value, _) => value is string name && Exists(name)),
        ["in"] = Comparison("in"),
        ["=="] = Comparison("=="),
        ["eq"] = Comparison("=="),
        ["equalto"] = Comparison("=="),
        ["!="] = Comparison("!="),
        ["ne"] = Comparison("!="),
        ["<"] = Comparison("<"),
        ["lt"] = Comparison("<"),
        ["lessthan"] = Comparison("<"),
        ["<="] = Comparison("<="),
        ["le"] = Comparison("<="),
        [">"] = Comparison(">"),
        ["gt"] = Comparison(">"),
        ["greaterthan"] = Comparison(">"),
        [">="] = Comparison(">="),
        ["ge"] = Comparison(">="),
    };

    public static bool Holds(string name, object value, Arguments arguments, Evaluator evaluator)
    {
        Test test = All.GetValueOrDefault(name) ?? throw new DitException($"expected a test that exists, found '{name}'");
        evaluator.Budget.Step();
        return test(value, arguments, evaluator);
    }

    private static bool Exists(string name) => All.ContainsKey(name);

    private static Test Plain(Func<object, Evaluator, bool> holds) => (value, arguments, evaluator) =>
        arguments.Bind("a test without parameters", 0) is [] && holds(value, evaluator);

    private static Test Comparison(string symbol) => (value, arguments, evaluator) =>
        Operators.Holds(symbol, value, arguments.Bind(symbol, 1, "other")[0]!, evaluator.Budget);

    private static bool IsCased(object value, Predicate<char> wanted, Predicate<char> unwanted, Budget budget) =>
        Texts.IsCased(PythonText.Of(value, budget), wanted, unwanted, budget);

    private static object Remainder(object value, object divisor, Evaluator evaluator) => value is string
        ? throw PythonType.Unexpected("a number to divide", value)
        : Arithmetic.Apply("%", value, divisor, evaluator.Budget);

    // Which equal texts and numbers Python keeps as one object is its own affair; equal ones of a type count as the same.
    private static bool IsSame(object value, object other, Budget budget) => value.GetType() == other.GetType()
        && (value is string ? Operators.Equal(value, other, budget) : value.Equals(other));
}
