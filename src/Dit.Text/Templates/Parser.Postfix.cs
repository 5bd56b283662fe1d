namespace Dit.Text.Templates;

/// <content>What follows a value: attributes, items, slices, calls, filters and tests.</content>
internal sealed partial class Parser
{
    private Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            int line = Line;
            if (SkipOperator("."))
            {
                value = Current.Kind == TokenKind.Integer
                    ? new ItemAccess(line, value, ParsePrimary())
                    : new AttributeAccess(line, value, Expect(TokenKind.Name, "the name of an attribute").Text);
            }
            else if (SkipOperator("["))
            {
                value = ParseSubscript(line, value);
            }
            else if (SkipOperator("("))
            {
                value = new Call(line, value, ParseArguments());
            }
            else
            {
                return value;
            }
        }
    }

    private Expression ParseSubscript(int line, Expression value)
    {
        Expression? start = Current.IsOperator(":") ? null : ParseExpression();
        if (!SkipOperator(":"))
        {
            ExpectOperator("]");
            return new ItemAccess(line, value, start!);
        }

        Expression? stop = Current.IsOperator(":") || Current.IsOperator("]") ? null : ParseExpression();
        Expression? step = SkipOperator(":") && !Current.IsOperator("]") ? ParseExpression() : null;
        ExpectOperator("]");
        return new SliceAccess(line, value, start, stop, step);
    }

    /// <summary>Arguments behind the opening parenthesis.</summary>
    private CallArguments ParseArguments()
    {
        var positional = new List<Expression>();
        var named = new List<KeyValuePair<string, Expression>>();
        Expression? spread = null;
        Expression? spreadNamed = null;
        bool first = true;
        while (!SkipOperator(")"))
        {
            if (!first)
            {
                ExpectOperator(",");
                if (SkipOperator(")"))
                {
                    break;
                }
            }

            first = false;
            if (SkipOperator("**"))
            {
                spreadNamed = spreadNamed is null ? ParseExpression() : throw Expected("one '**' argument");
            }
            else if (SkipOperator("*"))
            {
                spread = spread is null ? ParseExpression() : throw Expected("one '*' argument");
            }
            else if (Current.Kind == TokenKind.Name && Following.IsOperator("="))
            {
                string name = Take().Text;
                Take();
                named.Add(new(name, ParseExpression()));
            }
            else if (named.Count == 0 && spreadNamed is null)
            {
                positional.Add(ParseExpression());
            }
            else
            {
                throw Expected("a named argument");
            }
        }

        return new CallArguments(positional, named, spread, spreadNamed);
    }

    private Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            int line = Line;
            if (Current.IsOperator("|"))
            {
                Take();
                NamedFilter filter = ParseFilter();
                value = new FilterCall(line, value, filter.Name, filter.Arguments);
            }
            else if (SkipName("is"))
            {
                value = ParseTest(line, value);
            }
            else if (SkipOperator("("))
            {
                value = new Call(line, value, ParseArguments());
            }
            else
            {
                return value;
            }
        }
    }

    private List<NamedFilter> ParseFilters()
    {
        var filters = new List<NamedFilter>();
        while (SkipOperator("|"))
        {
            filters.Add(ParseFilter());
        }

        return filters;
    }

    private NamedFilter ParseFilter()
    {
        int line = Line;
        string name = ParseDottedName("the name of a filter");
        return new NamedFilter(line, name, SkipOperator("(") ? ParseArguments() : CallArguments.None);
    }

    private string ParseDottedName(string what)
    {
        string name = Expect(TokenKind.Name, what).Text;
        while (SkipOperator("."))
        {
            name += "." + Expect(TokenKind.Name, what).Text;
        }

        return name;
    }

    private Expression ParseTest(int line, Expression value)
    {
        bool negated = SkipName("not");
        string name = ParseDottedName("the name of a test");
        CallArguments arguments = CallArguments.None;
        if (SkipOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (Current.IsName("is"))
        {
            throw Expected("one test, as tests cannot be chained");
        }
        else if (BeginsArgument())
        {
            // A test's only argument may go without parentheses: x is divisibleby 3.
            arguments = CallArguments.None with { Positional = [ParsePostfix(ParsePrimary())] };
        }

        Expression test = new TestCall(line, value, name, arguments);
        return negated ? new Unary(line, "not", test) : test;
    }

    private bool BeginsArgument() => Current.Kind switch
    {
        TokenKind.Name => Current.Text is not ("else" or "or" or "and"),
        TokenKind.Text or TokenKind.Integer or TokenKind.Float => true,
        _ => Current.IsOperator("[") || Current.IsOperator("{"),
    };
}
