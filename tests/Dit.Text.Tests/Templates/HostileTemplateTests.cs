using System.Text;

namespace Dit.Text.Tests.Templates;

/// <summary>Templates that would run for ever, fill the memory or the stack: each ends soon, in an error that says so.</summary>
public class HostileTemplateTests
{
    [Theory]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% for i in range(100000) %}{{ 'abcdefghij' * 100 }}{% endfor %}")]
    [InlineData("{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(100) }}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{% for x in [[]] recursive %}{{ loop([x]) }}{% endfor %}")]
    [InlineData("{{ range(200000) }}")]
    [InlineData("{{ 'a' * 10000000000 }}")]
    [InlineData("{{ [0] * 9223372036854775807 }}")]
    [InlineData("{{ 9 ** 9 ** 9 ** 9 }}")]
    [InlineData("{{ 'a'.center(99999999999) }}")]
    [InlineData("{{ 'a'|indent(99999999999) }}")]
    [InlineData("{{ '%99999999999s' % 1 }}")]
    [InlineData("{{ [1]|tojson(indent=99999999999) }}")]
    [InlineData("{{ ('x' * 4000000).replace('x', 'yyyyyyyy') }}")]
    [InlineData("{{ ['x' * 16000000] * 100 }}")]
    [InlineData("{{ ([('x' * 16000000)] * 100)|join }}")]
    [InlineData("{{ [1]|batch(99999999999, 'x')|list }}")]
    [InlineData("{{ [1]|slice(99999999999)|list }}")]
    public void What_is_too_much_is_refused(string template) => AssertRefused(template);

    [Theory]
    [InlineData("'a'", "ns.x + ns.x", "ns.x")]
    [InlineData("[1]", "[ns.x, ns.x]", "ns.x")]
    [InlineData("[1]", "[ns.x, ns.x]", "ns.x|tojson")]
    [InlineData("[1]", "[ns.x, ns.x]", "ns.x == ns.x")]
    [InlineData("[1]", "[ns.x, ns.x]", "[[ns.x], [ns.x]]|sort == 1")]
    public void What_doubles_with_every_round_is_refused(string start, string next, string end) => AssertRefused(
        $"{{% set ns = namespace(x={start}) %}}{{% for i in range(60) %}}{{% set ns.x = {next} %}}{{% endfor %}}{{{{ {end} }}}}");

    [Theory]
    [InlineData("[]", "[ns.x]", "ns.x")]
    [InlineData("[]", "[ns.x]", "ns.x|tojson")]
    [InlineData("[]", "[ns.x]", "ns.x == ns.x")]
    [InlineData("[1]", "ns.x|map('list')", "ns.x|list")]
    [InlineData("[1]", "ns.x|select", "ns.x|list")]
    public void What_is_nested_too_deep_is_refused(string start, string next, string end) => AssertRefused(
        $"{{% set ns = namespace(x={start}) %}}{{% for i in range(100000) %}}{{% set ns.x = {next} %}}{{% endfor %}}{{{{ {end} }}}}");

    [Theory]
    [InlineData("{{ ", "(", "1", ")", " }}")]
    [InlineData("{{ ", "[", "", "]", " }}")]
    [InlineData("{{ ", "{'a':", "1", "}", " }}")]
    [InlineData("{{ ", "not ", "1", "", " }}")]
    [InlineData("{{ ", "-", "1", "", " }}")]
    [InlineData("{{ 1", "", "", " + 1", " }}")]
    [InlineData("{{ 1", "", "", " | string", " }}")]
    [InlineData("{{ 1", "", "", " if 1 else 2", " }}")]
    [InlineData("{{ 1", "", "", " and 1", " }}")]
    [InlineData("{{ x", "", "", "[0]", " }}")]
    [InlineData("", "{% if 1 %}", "", "{% endif %}", "")]
    [InlineData("{% if 0 %}", "", "", "{% elif 0 %}", "{% endif %}")]
    [InlineData("", "{% for x in n %}", "", "{% endfor %}", "")]
    [InlineData("{% set ", "(", "a", ")", " = 1 %}")]
    public void Code_that_is_nested_too_deep_is_refused(string begin, string open, string inside, string close, string end)
    {
        var template = new StringBuilder(begin);
        template.Insert(template.Length, open, 100_000).Append(inside).Insert(template.Length, close, 100_000).Append(end);
        AssertRefused(template.ToString());
    }

    [Theory]
    [InlineData("a ~ '' == a")]
    [InlineData("'y' in a")]
    [InlineData("a.find('y') == 1")]
    [InlineData("a|length == 1")]
    [InlineData("a is upper")]
    [InlineData("a is sameas b")]
    [InlineData("{a: 1}[b] == 2")]
    [InlineData("a|list == 1")]
    public void Much_work_with_long_texts_is_refused(string condition) => AssertRefused(
        "{% set a = 'x' * 16000000 %}{% set b = 'x' * 16000000 %}"
        + $"{{% for i in range(100000) %}}{{% if {condition} %}}{{% endif %}}{{% endfor %}}");

    [Fact]
    public void A_damaged_template_gives_a_text_or_an_error()
    {
        const string Template = """
            {%- macro tag(name, text='') -%}<{{ name }}>{{ text|trim }}</{{ name }}>{%- endmacro -%}
            {%- set ns = namespace(count=0, seen=[]) -%}
            {% for m in messages[::-1] if m.role is defined %}
                {%- set ns.count = ns.count + 1 %}
                {{- tag(m['role'], m.content.split('e')[0] ~ loop.index) }}
                {%- if loop.last and not (m.role == "user" or 'x' in m) %}{{ m|tojson(indent=2) }}{% endif %}
            {% endfor %}
            {{ d|dictsort|map('first')|join(', ') }} {{ "%s: %d" % (s[1:-1], ns.count) }}
            """;
        foreach (byte[] damaged in Damage.Of(Encoding.UTF8.GetBytes(Template), rounds: 3000, seed: 1))
        {
            try
            {
                Small.Render(Encoding.UTF8.GetString(damaged));
            }
            catch (DitException error)
            {
                Assert.StartsWith("small.jinja", error.Message, StringComparison.Ordinal);
            }
        }
    }

    private static void AssertRefused(string template)
    {
        DitException error = Assert.Throws<DitException>(() => Small.Render(template));
        Assert.StartsWith("small.jinja, line 1: ", error.Message, StringComparison.Ordinal);
    }
}
