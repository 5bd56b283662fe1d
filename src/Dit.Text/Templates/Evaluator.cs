using System.Text;

namespace Dit.Text.Templates;

/// <summary>Runs the statements of a template.</summary>
internal sealed partial class Evaluator(IReadOnlyDictionary<string, object> variables, Budget budget, TimeProvider clock)
{
    private readonly Dictionary<string, object> _globals = Globals.Create(budget, clock);
    private StringBuilder _output = new();

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    public Budget Budget => budget;

    /// <summary>The line that is being evaluated, for errors.</summary>
    public int Line { get; private set; } = 1;

    public string Run(IReadOnlyList<Statement> template)
    {
        Execute(template, new Scope(null));
        return _output.ToString();
    }

    /// <summary>The items of a value, each of them counted as one round of a loop.</summary>
    public IEnumerable<object> Each(object value)
    {
        foreach (object item in Members.Iterate(value, budget))
        {
            budget.Iterate();
            yield return item;
        }
    }

    private Flow Execute(IReadOnlyList<Statement> body, Scope scope)
    {
        foreach (Statement statement in body)
        {
            budget.Step();
            Line = statement.Line;
            Flow flow = Execute(statement, scope);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow Execute(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case TextStatement text:
                Print(text.Text);
                return Flow.Next;
            case OutputStatement output:
                Print(PythonText.Of(Evaluate(output.Value, scope), budget));
                return Flow.Next;
            case IfStatement choice:
                return Execute(IsTrue(choice.Condition, scope) ? choice.Then : choice.Else, scope);
            case ForStatement loop:
                return Loop(loop, Evaluate(loop.Items, scope), scope, depth: 0);
            case SetStatement set:
                Assign(set.Target, Evaluate(set.Value, scope), scope);
                return Flow.Next;
            case SetBlockStatement block:
                Assign(block.Target, Filtered(block.Body, block.Filters, scope), scope);
                return Flow.Next;
            case FilterBlockStatement block:
                Print(PythonText.Of(Filtered(block.Body, block.Filters, scope), budget));
                return Flow.Next;
            case MacroStatement macro:
                scope.Set(macro.Macro.Name, Macro(macro.Macro, scope));
                return Flow.Next;
            case CallBlockStatement block:
                Arguments arguments = Evaluate(block.Call.Arguments, scope);
                var named = new Dictionary<string, object>(arguments.Named) { ["caller"] = Macro(block.Caller, scope) };
                Print(PythonText.Of(Invoke(Evaluate(block.Call.Target, scope), arguments with { Named = named }), budget));
                return Flow.Next;
            case ScopeStatement block:
                var inner = new Scope(scope);
                foreach ((AssignmentTarget target, Expression value) in block.Assignments)
                {
                    Assign(target, Evaluate(value, scope), inner);
                }

                return Execute(block.Body, inner);
            case BreakStatement:
                return Flow.Break;
            case ContinueStatement:
                return Flow.Continue;
            default:
                throw new DitException($"expected a statement that can be run, found {statement.GetType().Name}");
        }
    }

    private Flow Loop(ForStatement statement, object items, Scope scope, int depth)
    {
        Func<object, string>? recurse = statement.Recursive
            ? other => Captured(() => Loop(statement, other, scope, depth + 1))
            : null;
        using var loop = new LoopValue(Chosen(statement, items, scope), depth, recurse, budget);
        bool any = false;
        while (loop.MoveNext())
        {
            var round = new Scope(scope);
            round.Set("loop", loop);
            Assign(statement.Target, loop.Current, round);
            Flow flow = Execute(statement.Body, round);

            // As in Jinja, 'else' runs if no round got to its end, which is not quite what one would think.
            any |= flow == Flow.Next;
            if (flow == Flow.Break)
            {
                break;
            }

            Line = statement.Line;
        }

        return any ? Flow.Next : Execute(statement.Else, new Scope(scope));
    }

    private IEnumerable<object> Chosen(ForStatement statement, object items, Scope scope)
    {
        if (statement.Condition is null)
        {
            return Members.Iterate(items, budget);
        }

        return Each(items).Where(item =>
        {
            var test = new Scope(scope);
            Assign(statement.Target, item, test);
            return IsTrue(statement.Condition, test);
        });
    }

    private object Filtered(IReadOnlyList<Statement> body, IReadOnlyList<NamedFilter> filters, Scope scope)
    {
        object value = Captured(() => Execute(body, new Scope(scope)));
        foreach (NamedFilter filter in filters)
        {
            Line = filter.Line;
            value = Filters.Apply(filter.Name, value, Evaluate(filter.Arguments, scope), this);
        }

        return value;
    }

    private string Captured(Func<Flow> print)
    {
        StringBuilder outside = _output;
        _output = new StringBuilder();
        print();
        string text = budget.Made(_output.ToString());
        _output = outside;
        return text;
    }

    private void Print(string text)
    {
        Budget.Check((long)_output.Length + text.Length);
        budget.Read(text.Length);
        _output.Append(text);
    }

    private void Assign(AssignmentTarget target, object value, Scope scope)
    {
        switch (target)
        {
            case NameTarget name:
                scope.Set(name.Name, value);
                break;
            case NamespaceTarget attribute:
                NamespaceValue space = Find(attribute.Name, scope) as NamespaceValue
                    ?? throw new DitException($"expected '{attribute.Name}' to be a namespace, found another value");
                space.Attributes[attribute.Attribute] = value;
                break;
            case TupleTarget tuple:
                List<object> items = Members.ToList(value, budget);
                if (items.Count != tuple.Targets.Count)
                {
                    throw new DitException($"expected {tuple.Targets.Count} values to assign, found {items.Count}");
                }

                for (int i = 0; i < items.Count; i++)
                {
                    Assign(tuple.Targets[i], items[i], scope);
                }

                break;
        }
    }
}
