namespace Dit.Text.Templates;

/// <content>The values of expressions.</content>
internal sealed partial class Evaluator
{
    private object Evaluate(Expression expression, Scope scope)
    {
        budget.Step();
        Line = expression.Line;
        switch (expression)
        {
            case Literal literal:
                return literal.Value;
            case NameReference name:
                return Find(name.Name, scope);
            case AttributeAccess access:
                return Members.Attribute(Evaluate(access.Target, scope), access.Name, budget);
            case ItemAccess access:
                return Members.Item(Evaluate(access.Target, scope), Evaluate(access.Key, scope), budget);
            case SliceAccess slice:
                return Members.Slice(
                    Evaluate(slice.Target, scope), Bound(slice.Start, scope), Bound(slice.Stop, scope), Bound(slice.Step, scope), budget);
            case Call call:
                return Invoke(Evaluate(call.Target, scope), Evaluate(call.Arguments, scope));
            case FilterCall filter:
                object filtered = Evaluate(filter.Target, scope);
                return Filters.Apply(filter.Name, filtered, Evaluate(filter.Arguments, scope), this);
            case TestCall test:
                object tested = Evaluate(test.Target, scope);
                return ValueTests.Holds(test.Name, tested, Evaluate(test.Arguments, scope), this);
            case Unary unary:
                object operand = Evaluate(unary.Operand, scope);
                return unary.Operator == "not" ? !PythonType.IsTrue(operand) : Arithmetic.Signed(unary.Operator, operand);
            case Binary binary:
                return Evaluate(binary, scope);
            case Comparison comparison:
                return Evaluate(comparison, scope);
            case Conditional conditional:
                return IsTrue(conditional.Condition, scope) ? Evaluate(conditional.Then, scope)
                    : conditional.Else is null ? new Undefined("an 'if' without 'else' whose condition is false")
                    : Evaluate(conditional.Else, scope);
            case SequenceLiteral sequence:
                budget.MakeItems(sequence.Items.Count);
                return new SequenceValue([.. sequence.Items.Select(item => Evaluate(item, scope))], sequence.Kind);
            case DictLiteral literal:
                var dict = new DictValue();
                foreach ((Expression key, Expression value) in literal.Entries)
                {
                    dict.Set(Evaluate(key, scope), Evaluate(value, scope), budget);
                }

                return dict;
            default:
                throw new DitException($"expected an expression that has a value, found {expression.GetType().Name}");
        }
    }

    private object Find(string name, Scope scope) =>
        scope.Find(name) ?? variables.GetValueOrDefault(name) ?? _globals.GetValueOrDefault(name)
        ?? new Undefined($"the name '{name}', which nothing defines");

    private bool IsTrue(Expression condition, Scope scope) => PythonType.IsTrue(Evaluate(condition, scope));

    private object Bound(Expression? bound, Scope scope) => bound is null ? None.Value : Evaluate(bound, scope);

    private object Evaluate(Binary binary, Scope scope)
    {
        object left = Evaluate(binary.Left, scope);
        switch (binary.Operator)
        {
            case "and":
                return PythonType.IsTrue(left) ? Evaluate(binary.Right, scope) : left;
            case "or":
                return PythonType.IsTrue(left) ? left : Evaluate(binary.Right, scope);
            case "~":
                string start = PythonText.Of(left, budget);
                string end = PythonText.Of(Evaluate(binary.Right, scope), budget);
                budget.Make((long)start.Length + end.Length);
                return start + end;
            default:
                object right = Evaluate(binary.Right, scope);
                Line = binary.Line;
                return Arithmetic.Apply(binary.Operator, left, right, budget);
        }
    }

    private object Evaluate(Comparison comparison, Scope scope)
    {
        object left = Evaluate(comparison.First, scope);
        foreach (ComparedWith next in comparison.Rest)
        {
            object right = Evaluate(next.Operand, scope);
            if (!Operators.Holds(next.Operator, left, right, budget))
            {
                return false;
            }

            left = right;
        }

        return true;
    }

    private Arguments Evaluate(CallArguments call, Scope scope)
    {
        if (call == CallArguments.None)
        {
            return Arguments.None;
        }

        List<object> positional = [.. call.Positional.Select(argument => Evaluate(argument, scope))];
        var named = new Dictionary<string, object>();
        foreach ((string name, Expression value) in call.Named)
        {
            Add(named, name, Evaluate(value, scope));
        }

        if (call.Spread is not null)
        {
            positional.AddRange(Members.ToList(Evaluate(call.Spread, scope), budget));
        }

        if (call.SpreadNamed is not null)
        {
            object spread = Evaluate(call.SpreadNamed, scope);
            DictValue entries = spread as DictValue ?? throw PythonType.Unexpected("a dictionary behind '**'", spread);
            foreach ((object name, object value) in entries.Entries)
            {
                Add(named, PythonType.Text(name), value);
            }
        }

        return new Arguments(positional, named);
    }

    private void Add(Dictionary<string, object> named, string name, object value)
    {
        budget.MakeItem(named.Count);
        if (!named.TryAdd(name, value))
        {
            throw new DitException($"expected each argument once, found '{name}' twice");
        }
    }

    private static object Invoke(object target, Arguments arguments) => target switch
    {
        Callable callable => callable.Invoke(arguments),
        LoopValue loop => loop.Recurse(arguments.Bind("loop", 1, "items")[0]!),
        _ => throw PythonType.Unexpected("something that can be called", target),
    };

    /// <summary>A macro as a value. Its body sees the names of where it is defined, as they are when it is called.</summary>
    private Callable Macro(MacroDefinition macro, Scope defined) => new(macro.Name, arguments => budget.Call(() =>
    {
        Scope scope = Bind(macro, arguments, defined);
        return Captured(() => Execute(macro.Body, scope));
    }));

    private Scope Bind(MacroDefinition macro, Arguments arguments, Scope defined)
    {
        var scope = new Scope(defined);
        var named = new Dictionary<string, object>(arguments.Named);
        if (macro.ReadsCaller && named.Remove("caller", out object? caller))
        {
            scope.Set("caller", caller);
        }

        int given = Math.Min(arguments.Positional.Count, macro.Parameters.Count);
        for (int i = 0; i < given; i++)
        {
            scope.Set(macro.Parameters[i].Name, arguments.Positional[i]);
        }

        foreach (MacroParameter parameter in macro.Parameters.Skip(given))
        {
            object value = named.Remove(parameter.Name, out object? named1) ? named1
                : parameter.Default is null ? new Undefined($"the parameter '{parameter.Name}', which was not given")
                : Evaluate(parameter.Default, scope);
            scope.Set(parameter.Name, value);
        }

        if ((arguments.Positional.Count > given && !macro.ReadsVarargs) || (named.Count > 0 && !macro.ReadsKwargs))
        {
            throw new DitException($"expected arguments that the macro '{macro.Name}' has parameters for, found others");
        }

        var others = new DictValue();
        foreach ((string name, object value) in named)
        {
            others.Set(name, value, budget);
        }

        scope.Set("varargs", new SequenceValue([.. arguments.Positional.Skip(given)], SequenceKind.Tuple));
        scope.Set("kwargs", others);
        return scope;
    }
}
