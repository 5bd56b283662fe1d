namespace Dit.Text.Templates;

/// <content>The statements, by the name that their tag begins with.</content>
internal sealed partial class Parser
{
    private Statement ParseStatement()
    {
        Token tag = Expect(TokenKind.Name, "the name of a statement");
        return tag.Text switch
        {
            "if" => ParseIf(tag.Line),
            "for" => ParseFor(tag.Line),
            "set" => ParseSet(tag.Line),
            "macro" => ParseMacro(tag.Line),
            "call" => ParseCallBlock(tag.Line),
            "filter" => ParseFilterBlock(tag.Line),
            "with" => ParseWith(tag.Line),
            "generation" => new ScopeStatement(tag.Line, [], ParseClosedBodyUntil("endgeneration")),
            "break" when _loops > 0 => new BreakStatement(tag.Line),
            "continue" when _loops > 0 => new ContinueStatement(tag.Line),
            _ => throw new DitException($"line {tag.Line}: expected a statement that belongs here, found {tag.Description}"),
        };
    }

    private IfStatement ParseIf(int line)
    {
        Enter();
        Expression condition = ParseTuple(conditional: false);
        EndTag();
        List<Statement> then = ParseBody(["elif", "else", "endif"]);
        Token end = Take();
        IReadOnlyList<Statement> otherwise = end.Text switch
        {
            "elif" => [ParseIf(end.Line)],
            "else" => ParseBodyUntil("endif"),
            _ => [],
        };
        Leave();
        return new IfStatement(line, condition, then, otherwise);
    }

    private ForStatement ParseFor(int line)
    {
        AssignmentTarget target = ParseTargets();
        ExpectName("in");
        Expression items = ParseTuple(conditional: false);
        Expression? condition = SkipName("if") ? ParseExpression() : null;
        bool recursive = SkipName("recursive");
        EndTag();
        _loops++;
        List<Statement> body = ParseBody(["else", "endfor"]);
        _loops--;
        IReadOnlyList<Statement> otherwise = Take().IsName("else") ? ParseBodyUntil("endfor") : [];
        return new ForStatement(line, target, items, condition, recursive, body, otherwise);
    }

    private Statement ParseSet(int line)
    {
        AssignmentTarget target = ParseTargets();
        if (SkipOperator("="))
        {
            return new SetStatement(line, target, ParseTuple());
        }

        if (target is TupleTarget)
        {
            throw Expected("'='");
        }

        List<NamedFilter> filters = ParseFilters();
        return new SetBlockStatement(line, target, filters, ParseClosedBodyUntil("endset"));
    }

    private MacroStatement ParseMacro(int line)
    {
        string name = Expect(TokenKind.Name, "the name of a macro").Text;
        ExpectOperator("(");
        return new MacroStatement(line, ParseDefinition(name, ParseParameters(), "endmacro"));
    }

    private CallBlockStatement ParseCallBlock(int line)
    {
        List<MacroParameter> parameters = SkipOperator("(") ? ParseParameters() : [];
        return ParseExpression() is Call call
            ? new CallBlockStatement(line, call, ParseDefinition("caller", parameters, "endcall"))
            : throw new DitException($"line {line}: expected a call behind 'call', found another expression");
    }

    private FilterBlockStatement ParseFilterBlock(int line)
    {
        List<NamedFilter> filters = [ParseFilter(), .. ParseFilters()];
        return new FilterBlockStatement(line, filters, ParseClosedBodyUntil("endfilter"));
    }

    private ScopeStatement ParseWith(int line)
    {
        var assignments = new List<KeyValuePair<AssignmentTarget, Expression>>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (assignments.Count > 0)
            {
                ExpectOperator(",");
            }

            AssignmentTarget target = ParseTarget();
            ExpectOperator("=");
            assignments.Add(new(target, ParseExpression()));
        }

        return new ScopeStatement(line, assignments, ParseBodyUntil("endwith"));
    }

    /// <summary>Parameters behind the opening parenthesis.</summary>
    private List<MacroParameter> ParseParameters()
    {
        var parameters = new List<MacroParameter>();
        while (!SkipOperator(")"))
        {
            if (parameters.Count > 0)
            {
                ExpectOperator(",");
            }

            string name = Expect(TokenKind.Name, "the name of a parameter").Text;
            Expression? preset = SkipOperator("=") ? ParseExpression() : null;
            if (preset is null && parameters is [.., { Default: not null }])
            {
                throw Expected("a default value, as the parameter before has one");
            }

            parameters.Add(new MacroParameter(name, preset));
        }

        return parameters;
    }

    private MacroDefinition ParseDefinition(string name, List<MacroParameter> parameters, string end)
    {
        int begin = _position;
        List<Statement> body = ParseClosedBodyUntil(end);
        HashSet<string> read = [.. _tokens.Take(begin.._position).Where(token => token.Kind == TokenKind.Name).Select(token => token.Text)];
        return new MacroDefinition(name, parameters, body, read.Contains("varargs"), read.Contains("kwargs"), read.Contains("caller"));
    }

    private AssignmentTarget ParseTargets()
    {
        var targets = new List<AssignmentTarget> { ParseTarget() };
        bool tuple = false;
        while (SkipOperator(","))
        {
            tuple = true;
            if (Current.Kind != TokenKind.Name && !Current.IsOperator("("))
            {
                break;
            }

            targets.Add(ParseTarget());
        }

        return tuple ? new TupleTarget(targets) : targets[0];
    }

    private AssignmentTarget ParseTarget()
    {
        Enter();
        AssignmentTarget target;
        if (SkipOperator("("))
        {
            target = ParseTargets();
            ExpectOperator(")");
        }
        else
        {
            string name = Expect(TokenKind.Name, "a name to assign to").Text;
            if (name is "true" or "false" or "none" or "True" or "False" or "None")
            {
                throw new DitException($"line {Line}: expected a name to assign to, found the constant '{name}'");
            }

            target = SkipOperator(".")
                ? new NamespaceTarget(name, Expect(TokenKind.Name, "the name of an attribute").Text)
                : new NameTarget(name);
        }

        Leave();
        return target;
    }
}
