namespace Dit.Text.Templates;

/// <summary>Something that has a value. <paramref name="Line"/> counts from 1.</summary>
internal abstract record Expression(int Line);

internal sealed record Literal(int Line, object Value) : Expression(Line);

internal sealed record NameReference(int Line, string Name) : Expression(Line);

/// <summary><c>not x</c>, <c>-x</c>, <c>+x</c>.</summary>
internal sealed record Unary(int Line, string Operator, Expression Operand) : Expression(Line);

/// <summary>Arithmetic, <c>~</c>, <c>and</c>, <c>or</c>.</summary>
internal sealed record Binary(int Line, string Operator, Expression Left, Expression Right) : Expression(Line);

/// <summary><c>a &lt; b &lt;= c</c>: every neighbouring pair is compared. <c>in</c> and <c>not in</c> are comparisons too.</summary>
internal sealed record Comparison(int Line, Expression First, IReadOnlyList<ComparedWith> Rest) : Expression(Line);

internal sealed record ComparedWith(string Operator, Expression Operand);

internal sealed record Conditional(int Line, Expression Condition, Expression Then, Expression? Else) : Expression(Line);

internal sealed record SequenceLiteral(int Line, IReadOnlyList<Expression> Items, SequenceKind Kind) : Expression(Line);

internal sealed record DictLiteral(int Line, IReadOnlyList<KeyValuePair<Expression, Expression>> Entries) : Expression(Line);

/// <summary><c>x.name</c></summary>
internal sealed record AttributeAccess(int Line, Expression Target, string Name) : Expression(Line);

/// <summary><c>x[key]</c></summary>
internal sealed record ItemAccess(int Line, Expression Target, Expression Key) : Expression(Line);

/// <summary><c>x[start:stop:step]</c></summary>
internal sealed record SliceAccess(int Line, Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression(Line);

internal sealed record Call(int Line, Expression Target, CallArguments Arguments) : Expression(Line);

internal sealed record FilterCall(int Line, Expression Target, string Name, CallArguments Arguments) : Expression(Line);

/// <summary><c>x is name(arguments)</c></summary>
internal sealed record TestCall(int Line, Expression Target, string Name, CallArguments Arguments) : Expression(Line);

/// <summary>What stands in the parentheses of a call; <c>*x</c> and <c>**x</c> are spread into the others.</summary>
internal sealed record CallArguments(
    IReadOnlyList<Expression> Positional,
    IReadOnlyList<KeyValuePair<string, Expression>> Named,
    Expression? Spread,
    Expression? SpreadNamed)
{
    public static readonly CallArguments None = new([], [], null, null);
}

/// <summary>Something that is done.</summary>
internal abstract record Statement(int Line);

internal sealed record TextStatement(int Line, string Text) : Statement(Line);

internal sealed record OutputStatement(int Line, Expression Value) : Statement(Line);

internal sealed record IfStatement(int Line, Expression Condition, IReadOnlyList<Statement> Then, IReadOnlyList<Statement> Else)
    : Statement(Line);

internal sealed record ForStatement(
    int Line,
    AssignmentTarget Target,
    Expression Items,
    Expression? Condition,
    bool Recursive,
    IReadOnlyList<Statement> Body,
    IReadOnlyList<Statement> Else) : Statement(Line);

internal sealed record SetStatement(int Line, AssignmentTarget Target, Expression Value) : Statement(Line);

/// <summary><c>{% set x %}…{% endset %}</c>, the text passed through filters if there are any.</summary>
internal sealed record SetBlockStatement(
    int Line, AssignmentTarget Target, IReadOnlyList<NamedFilter> Filters, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record FilterBlockStatement(int Line, IReadOnlyList<NamedFilter> Filters, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record NamedFilter(int Line, string Name, CallArguments Arguments);

internal sealed record MacroStatement(int Line, MacroDefinition Macro) : Statement(Line);

internal sealed record CallBlockStatement(int Line, Call Call, MacroDefinition Caller) : Statement(Line);

/// <summary><c>{% with %}</c> and <c>{% generation %}</c>: the body has names of its own.</summary>
internal sealed record ScopeStatement(
    int Line, IReadOnlyList<KeyValuePair<AssignmentTarget, Expression>> Assignments, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record BreakStatement(int Line) : Statement(Line);

internal sealed record ContinueStatement(int Line) : Statement(Line);

/// <summary>
/// A macro. Arguments beyond the parameters are allowed only where the body reads <c>varargs</c> or <c>kwargs</c>, and it can be
/// called by a call block only where it reads <c>caller</c>.
/// </summary>
internal sealed record MacroDefinition(
    string Name,
    IReadOnlyList<MacroParameter> Parameters,
    IReadOnlyList<Statement> Body,
    bool ReadsVarargs,
    bool ReadsKwargs,
    bool ReadsCaller);

internal sealed record MacroParameter(string Name, Expression? Default);

/// <summary>What a value is assigned to.</summary>
internal abstract record AssignmentTarget;

internal sealed record NameTarget(string Name) : AssignmentTarget;

internal sealed record NamespaceTarget(string Name, string Attribute) : AssignmentTarget;

internal sealed record TupleTarget(IReadOnlyList<AssignmentTarget> Targets) : AssignmentTarget;
