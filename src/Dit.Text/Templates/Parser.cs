using System.Runtime.CompilerServices;

namespace Dit.Text.Templates;

/// <summary>Reads a template: text, tags, and what stands between a tag and the one that ends it.</summary>
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
}
