using System.Runtime.CompilerServices;

namespace Dit.Text.Templates;

/// <summary>Reads the statements of a template.</summary>
internal sealed partial class Parser
{
    // Far deeper than any template that is meant to be read, far shallower than the stack.
    private const int MaxDepth = 200;

    private readonly List<Token> _tokens;
    private int _position;
    private int _depth;
    private int _loops;

    private Parser(List<Token> tokens) => _tokens = tokens;

    /// <summary>The statements of a template.</summary>
    /// <exception cref="DitException">The template cannot be read; names the line, but not the template.</exception>
    public static IReadOnlyList<Statement> Parse(string source)
    {
        var parser = new Parser(Lexer.Tokenize(source));
        IReadOnlyList<Statement> body = parser.ParseBody([]);
        return parser.Current.Kind == TokenKind.End ? body : throw parser.Expected("a statement");
    }

    private Token Current => _tokens[_position];

    private Token Following => _tokens[Math.Min(_position + 1, _tokens.Count - 1)];

    private int Line => Current.Line;

    private Token Take()
    {
        Token token = Current;
        if (token.Kind != TokenKind.End)
        {
            _position++;
        }

        return token;
    }

    private bool SkipOperator(string symbol) => Skip(TokenKind.Operator, symbol);

    private bool SkipName(string name) => Skip(TokenKind.Name, name);

    private bool Skip(TokenKind kind, string text)
    {
        bool found = Current.Is(kind, text);
        if (found)
        {
            _position++;
        }

        return found;
    }

    private Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Expected(what);

    private void ExpectOperator(string symbol)
    {
        if (!SkipOperator(symbol))
        {
            throw Expected($"'{symbol}'");
        }
    }

    private void ExpectName(string name)
    {
        if (!SkipName(name))
        {
            throw Expected($"'{name}'");
        }
    }

    private void EndTag() => Expect(TokenKind.BlockEnd, "'%}'");

    private DitException Expected(string what) => new($"line {Line}: expected {what}, found {Current.Description}");

    private void Enter()
    {
        if (++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new DitException($"line {Line}: expected at most {MaxDepth} levels of nesting, found more");
        }
    }

    private void Leave() => _depth--;

    /// <summary>Statements up to a tag that begins with one of the names; its name is the current token then.</summary>
    private List<Statement> ParseBody(ReadOnlySpan<string> ends)
    {
        Enter();
        var body = new List<Statement>();
        while (true)
        {
            Token token = Current;
            switch (token.Kind)
            {
                case TokenKind.Data:
                    body.Add(new TextStatement(token.Line, Take().Text));
                    break;
                case TokenKind.VariableBegin:
                    Take();
                    body.Add(new OutputStatement(token.Line, ParseTuple()));
                    Expect(TokenKind.VariableEnd, "'}}'");
                    break;
                case TokenKind.BlockBegin:
                    Take();
                    if (Current.Kind == TokenKind.Name && ends.Contains(Current.Text))
                    {
                        Leave();
                        return body;
                    }

                    body.Add(ParseStatement());
                    EndTag();
                    break;
                default:
                    if (ends.Length > 0)
                    {
                        throw Expected("{% " + ends[^1] + " %}");
                    }

                    Leave();
                    return body;
            }
        }
    }

    /// <summary>The body of a tag that has just been read, with the tag that ends it, up to that tag's <c>%}</c>.</summary>
    private List<Statement> ParseBodyUntil(string end)
    {
        EndTag();
        List<Statement> body = ParseBody([end]);
        Take();
        return body;
    }

    /// <summary>As above, for a body whose text is kept aside: a loop around it cannot be left from within.</summary>
    private List<Statement> ParseClosedBodyUntil(string end)
    {
        int loops = _loops;
        _loops = 0;
        List<Statement> body = ParseBodyUntil(end);
        _loops = loops;
        return body;
    }

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
