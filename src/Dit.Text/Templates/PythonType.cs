using System.Numerics;

namespace Dit.Text.Templates;

/// <summary>What kind of thing a value is.</summary>
internal static class PythonType
{
    public static string Name(object value) => value switch
    {
        None => "NoneType",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        DictValue => "dict",
        SequenceValue sequence => sequence.Kind switch
        {
            SequenceKind.List => "list",
            SequenceKind.Tuple => "tuple",
            SequenceKind.Range => "range",
            SequenceKind.Keys => "dict_keys",
            SequenceKind.Values => "dict_values",
            _ => "dict_items",
        },
        IteratorValue => "generator",
        NamespaceValue => "namespace",
        LoopValue => "loop",
        Callable => "function",
        _ => "undefined value",
    };

    public static bool IsTrue(object value) => value switch
    {
        bool truth => truth,
        string text => text.Length > 0,
        long number => number != 0,
        double number => number != 0,
        BigInteger number => !number.IsZero,
        SequenceValue sequence => sequence.Items.Count > 0,
        DictValue dict => dict.Count > 0,
        None or Undefined => false,
        _ => true,
    };

    /// <summary>The integer that a value is, where true is 1.</summary>
    public static bool IsInteger(object value, out long integer)
    {
        integer = value switch
        {
            long number => number,
            bool truth => truth ? 1 : 0,
            _ => 0,
        };
        return value is long or bool;
    }

    public static bool IsNumber(object value, out double number)
    {
        bool isInteger = IsInteger(value, out long integer);
        number = isInteger ? integer : value as double? ?? 0;
        return isInteger || value is double;
    }

    /// <summary>The integer an argument has to be.</summary>
    public static long Integer(object value) => IsInteger(value, out long integer) ? integer : throw Unexpected("an integer", value);

    /// <summary>The text an argument has to be.</summary>
    public static string Text(object value) => value as string ?? throw Unexpected("a text", value);

    public static DitException Unexpected(string expected, object found) =>
        new($"expected {expected}, found {(found is Undefined missing ? missing.Reason : "a value of type " + Name(found))}");
}
