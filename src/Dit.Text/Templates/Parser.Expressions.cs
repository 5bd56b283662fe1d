using System.Globalization;

namespace Dit.Text.Templates;

/// <content>
/// Expressions, from the loosest binding to the tightest: conditional, or, and, not, comparisons, + and -, ~, * / // %, **,
/// signs, and what follows a value: attributes, items, calls, filters, tests.
/// </content>
internal sealed partial class Parser
{
    /// <summary>One expression, or several with commas between them, which are a tuple.</summary>
    private Expression ParseTuple(bool conditional = true)
    {
        int line = Line;
        Expression first = conditional ? ParseExpression() : ParseOr();
        if (!Current.IsOperator(","))
        {
            return first;
        }

        var items = new List<Expression> { first };
        while (SkipOperator(",") && !AtTupleEnd())
        {
            items.Add(conditional ? ParseExpression() : ParseOr());
        }

        return new SequenceLiteral(line, items, SequenceKind.Tuple);
    }

    private bool AtTupleEnd() => Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || Current.IsOperator(")");

    private Expression ParseExpression()
    {
        Enter();
        int line = Line;
        Expression value = ParseOr();
        while (SkipName("if"))
        {
            Expression condition = ParseOr();
            value = new Conditional(line, condition, value, SkipName("else") ? ParseExpression() : null);
        }

        Leave();
        return value;
    }

    private Expression ParseOr()
    {
        Expression left = ParseAnd();
        while (SkipName("or"))
        {
            left = new Binary(left.Line, "or", left, ParseAnd());
        }

        return left;
    }

    private Expression ParseAnd()
    {
        Expression left = ParseNot();
        while (SkipName("and"))
        {
            left = new Binary(left.Line, "and", left, ParseNot());
        }

        return left;
    }

    private Expression ParseNot()
    {
        int line = Line;
        if (!SkipName("not"))
        {
            return ParseComparison();
        }

        Enter();
        Expression operand = ParseNot();
        Leave();
        return new Unary(line, "not", operand);
    }

    private Expression ParseComparison()
    {
        Expression first = ParseSum();
        var rest = new List<ComparedWith>();
        while (TakeComparison() is { } comparison)
        {
            rest.Add(new ComparedWith(comparison, ParseSum()));
        }

        return rest.Count == 0 ? first : new Comparison(first.Line, first, rest);
    }

    private string? TakeComparison()
    {
        if (Current.Kind == TokenKind.Operator && Current.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
        {
            return Take().Text;
        }

        if (SkipName("in"))
        {
            return "in";
        }

        if (Current.IsName("not") && Following.IsName("in"))
        {
            Take();
            Take();
            return "not in";
        }

        return null;
    }

    private Expression ParseSum() => ParseBinary(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation() => ParseBinary(ParseProduct, "~");

    private Expression ParseProduct() => ParseBinary(ParsePower, "*", "/", "//", "%");

    // Jinja's power binds to the left, unlike Python's.
    private Expression ParsePower() => ParseBinary(() => ParseSigned(), "**");

    private Expression ParseBinary(Func<Expression> operand, params ReadOnlySpan<string> operators)
    {
        Expression left = operand();
        while (Current.Kind == TokenKind.Operator && operators.Contains(Current.Text))
        {
            string symbol = Take().Text;
            left = new Binary(left.Line, symbol, left, operand());
        }

        return left;
    }

    /// <summary>A value with its signs; a filter behind <c>-x</c> filters the negative value.</summary>
    private Expression ParseSigned(bool filters = true)
    {
        Enter();
        Token sign = Current;
        Expression value;
        if (sign.IsOperator("-") || sign.IsOperator("+"))
        {
            Take();
            value = new Unary(sign.Line, sign.Text, ParseSigned(filters: false));
        }
        else
        {
            value = ParsePrimary();
        }

        value = ParsePostfix(value);
        value = filters ? ParseFiltersAndTests(value) : value;
        Leave();
        return value;
    }

    private Expression ParsePrimary()
    {
        Token token = Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                Take();
                return token.Text switch
                {
                    "true" or "True" => new Literal(token.Line, true),
                    "false" or "False" => new Literal(token.Line, false),
                    "none" or "None" => new Literal(token.Line, None.Value),
                    _ => new NameReference(token.Line, token.Text),
                };
            case TokenKind.Text:
                var parts = new List<string>();
                while (Current.Kind == TokenKind.Text)
                {
                    parts.Add(Take().Text);
                }

                return new Literal(token.Line, string.Concat(parts));
            case TokenKind.Integer:
                Take();
                return long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long integer)
                    ? new Literal(token.Line, integer)
                    : throw new DitException($"line {token.Line}: expected an integer of at most 64 bits, found {token.Description}");
            case TokenKind.Float:
                Take();
                return new Literal(token.Line, double.Parse(token.Text, CultureInfo.InvariantCulture));
            default:
                return token switch
                {
                    _ when SkipOperator("(") => ParseParenthesis(token.Line),
                    _ when SkipOperator("[") => new SequenceLiteral(token.Line, ParseItems("]"), SequenceKind.List),
                    _ when SkipOperator("{") => ParseDict(token.Line),
                    _ => throw Expected("an expression"),
                };
        }
    }

    private Expression ParseParenthesis(int line)
    {
        if (SkipOperator(")"))
        {
            return new SequenceLiteral(line, [], SequenceKind.Tuple);
        }

        Expression value = ParseTuple();
        ExpectOperator(")");
        return value;
    }

    private List<Expression> ParseItems(string end)
    {
        var items = new List<Expression>();
        while (!SkipOperator(end))
        {
            if (items.Count > 0)
            {
                ExpectOperator(",");
                if (SkipOperator(end))
                {
                    break;
                }
            }

            items.Add(ParseExpression());
        }

        return items;
    }

    private DictLiteral ParseDict(int line)
    {
        var entries = new List<KeyValuePair<Expression, Expression>>();
        while (!SkipOperator("}"))
        {
            if (entries.Count > 0)
            {
                ExpectOperator(",");
                if (SkipOperator("}"))
                {
                    break;
                }
            }

            Expression key = ParseExpression();
            ExpectOperator(":");
            entries.Add(new(key, ParseExpression()));
        }

        return new DictLiteral(line, entries);
    }
}
