namespace Dit.Text.Tests.Templates;

/// <summary>Statements. What is expected is what Jinja gives with the settings of transformers.</summary>
public class StatementTests
{
    [Theory]
    [InlineData("{% if n %}a{% elif s %}b{% else %}c{% endif %}", "a")]
    [InlineData("{% if nope %}a{% elif s %}b{% else %}c{% endif %}", "b")]
    [InlineData("{% if nope %}a{% elif none %}b{% else %}c{% endif %}", "c")]
    [InlineData("{% if t %}{% set x = 1 %}{% endif %}{{ x }}", "1")]
    public void Conditions(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("{% for x in n %}{{ x }},{% endfor %}", "3,1,2,")]
    [InlineData("{% for x in [] %}a{% else %}none{% endfor %}", "none")]
    [InlineData("{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "b=1;a={'items': [1, 2]};C=3.5;z=None;")]
    [InlineData("{% for k in d %}{{ k }}{% endfor %}", "baCz")]
    [InlineData("{% for c in u %}{{ c }}.{% endfor %}", "a.é.🗾.b.")]
    [InlineData("{% for (a, b), c in [[[1, 2], 3]] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "123")]
    [InlineData("{% for x in nope %}a{% endfor %}|", "|")]
    [InlineData("{% for x in 1, 2 %}{{ x }}{% endfor %}", "12")]
    public void Loops(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("{% for x in n if x is odd %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}", "13,21")]
    [InlineData("{% for x in n if x > 9 %}a{% else %}none{% endfor %}", "none")]
    [InlineData("{% set ns = namespace(stop=false) %}{% for x in n if not ns.stop %}{{ x }}{% set ns.stop = true %}{% endfor %}", "3")]
    public void Loops_with_a_condition(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData(
        "{% for x in n %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}",
        "1032TrueFalse3 2121FalseFalse3 3210FalseTrue3 ")]
    [InlineData("{% for x in n %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}", "<3>1 3<1>2 1<2> ")]
    [InlineData("{% for x in n %}{{ loop.cycle('a', 'b') }}{% endfor %}", "aba")]
    [InlineData("{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}", "TrueFalseTrue")]
    [InlineData("{% for x in n|select('odd') %}{{ loop.last }}{{ loop.length }}{% endfor %}", "False2True2")]
    [InlineData("{% for x in n %}{% for y in n %}{{ loop.depth }}{% endfor %}{{ loop.depth0 }}{% endfor %}", "111011101110")]
    public void Loop_variables(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("{% for x in n %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}", "3")]
    [InlineData("{% for x in n %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "32")]
    [InlineData("{% for x in n %}{% continue %}{% else %}none{% endfor %}", "none")]
    public void Loops_can_be_left_and_skipped(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("{% for x in tree recursive %}{{ x.k }}{{ loop.depth }}({{ loop(x.c) }}){% endfor %}", "11(22())31()")]
    public void Loops_call_themselves(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("{% set x = 1 %}{{ x }}", "1")]
    [InlineData("{% set a, b = 1, 2 %}{{ a }}{{ b }}", "12")]
    [InlineData("{% set x %}a{{ s }}{% endset %}{{ x }}", "aHello World")]
    [InlineData("{% set x | upper | replace('A', 'b') %}a{{ s }}{% endset %}{{ x }}", "bHELLO WORLD")]
    [InlineData("{% set x = 1 %}{% for i in n %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}", "4231")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in n %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}", "7")]
    [InlineData("{% set ns = namespace() %}{% set ns.y %}b{% endset %}{{ ns.y }}{{ ns.z }}", "b")]
    public void Assignments(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("{% macro f(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(b=5, a=4) }}{{ f() }}", "1213452")]
    [InlineData("{% macro f(a, b=a) %}{{ b }}{% endmacro %}{{ f(1) }}", "1")]
    [InlineData("{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, x=2) }}", "(1,){'x': 2}")]
    [InlineData("{% macro f(i) %}{{ i }}{% if i %}{{ f(i - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "3210")]
    [InlineData("{% macro f() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ f() }}", "1")]
    [InlineData("{% macro f() %} a {% endmacro %}{{ f()|trim|length }}", "1")]
    [InlineData("{% macro f() %}<{{ caller() }}>{% endmacro %}{% call f() %}{{ s }}{% endcall %}", "<Hello World>")]
    [InlineData("{% macro f() %}{{ caller(1) }}{{ caller(2) }}{% endmacro %}{% call(x) f() %}[{{ x }}]{% endcall %}", "[1][2]")]
    [InlineData("{% macro f(a) %}{{ a }}{% endmacro %}{{ f(*[1]) }}{{ f(**{'a': 2}) }}", "12")]
    public void Macros(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("{% filter upper %}a{{ s }}{% endfilter %}", "AHELLO WORLD")]
    [InlineData("{% with x = 1, y = 2 %}{{ x }}{{ y }}{% endwith %}{{ x }}", "12")]
    [InlineData("{% generation %}{% set x = 1 %}{{ x }}{% endgeneration %}{{ x }}", "1")]
    public void Blocks(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("{{ range(3)|list }}{{ range(1, 4)|list }}{{ range(4, 0, -2)|list }}", "[0, 1, 2][1, 2, 3][4, 2]")]
    [InlineData("{{ dict(a=1, b=2)|tojson }}{{ dict([['k', 1]]) }}", "{\"a\": 1, \"b\": 2}{'k': 1}")]
    [InlineData("{{ namespace(a=1).a }}", "1")]
    public void Functions(string template, string expected) => Assert.Equal(expected, Small.Render(template));
}
