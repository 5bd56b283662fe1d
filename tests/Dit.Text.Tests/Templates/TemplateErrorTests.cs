namespace Dit.Text.Tests.Templates;

/// <summary>Templates that cannot be read, fail, or would never end: each gives one sentence that names the template and the line.</summary>
public class TemplateErrorTests
{
    [Theory]
    [InlineData("a\n{{ 1 1 }}", 2)]
    [InlineData("a\n\n{{ (1 }}", 3)]
    [InlineData("a\n{% if %}{% endif %}", 2)]
    [InlineData("{% if 1 %}\nb\n", 2)]
    [InlineData("{% for x in y %}{% endif %}", 1)]
    [InlineData("{{ 'a", 1)]
    [InlineData("\n{{ 'a' ", 2)]
    [InlineData("\n{# a", 2)]
    [InlineData("{% raw %}a", 1)]
    [InlineData("{% include 'x' %}", 1)]
    [InlineData("{% extends 'x' %}", 1)]
    [InlineData("{% break %}", 1)]
    [InlineData("{% for x in y %}{% macro f() %}{% break %}{% endmacro %}{% endfor %}", 1)]
    [InlineData("{% set true = 1 %}", 1)]
    [InlineData("{% set a.b.c = 1 %}", 1)]
    [InlineData("{% macro f(a=1, b) %}{% endmacro %}", 1)]
    [InlineData("{{ f(a=1, 2) }}", 1)]
    [InlineData("{{ 99999999999999999999 }}", 1)]
    [InlineData("{{ '\\ud800' }}", 1)]
    [InlineData("{{ '\\xg0' }}", 1)]
    [InlineData("{{ 1 is odd is even }}", 1)]
    [InlineData("{{ a $ b }}", 1)]
    [InlineData("{{ [1) }}", 1)]
    public void A_template_that_cannot_be_read_names_the_line(string template, int line)
    {
        DitException error = Assert.Throws<DitException>(() => ChatTemplate.Parse(template, "folder/chat_template.jinja"));
        Assert.StartsWith($"folder/chat_template.jinja, line {line}: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\n{{ nope.x }}", 2)]
    [InlineData("{{ nope() }}", 1)]
    [InlineData("{{ nope + 1 }}", 1)]
    [InlineData("{{ 'a' + nope }}", 1)]
    [InlineData("{{ 'a' + 1 }}", 1)]
    [InlineData("{{ 1 < 'a' }}", 1)]
    [InlineData("{{ 1 in 'a' }}", 1)]
    [InlineData("{{ 1 // 0 }}", 1)]
    [InlineData("{{ s|nope }}", 1)]
    [InlineData("{{ s is nope }}", 1)]
    [InlineData("{{ s.nope() }}", 1)]
    [InlineData("{{ nope|tojson }}", 1)]
    [InlineData("{{ 5|length }}", 1)]
    [InlineData("{{ s.index('q') }}", 1)]
    [InlineData("{{ s.split('') }}", 1)]
    [InlineData("{{ ','.join(n) }}", 1)]
    [InlineData("{{ n.append(1) }}", 1)]
    [InlineData("{{ d.update({'a': 1}) }}", 1)]
    [InlineData("{{ n[::0] }}", 1)]
    [InlineData("{{ {[1]: 2} }}", 1)]
    [InlineData("{% for x in 5 %}{% endfor %}", 1)]
    [InlineData("{% for a, b in [1] %}{% endfor %}", 1)]
    [InlineData("{% set d.x = 1 %}", 1)]
    [InlineData("{% macro f(a) %}{% endmacro %}\n\n{{ f(1, 2) }}", 3)]
    [InlineData("{{ namespace(a=1, **{'a': 2}) }}", 1)]
    [InlineData("{{ strftime_now('%Q') }}", 1)]
    public void A_template_that_fails_names_the_line(string template, int line)
    {
        DitException error = Assert.Throws<DitException>(() => Small.Render(template));
        Assert.StartsWith($"small.jinja, line {line}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_template_says_when_it_refuses_a_conversation_is_passed_on()
    {
        DitException error = Assert.Throws<DitException>(() => Small.Render("\n{{ raise_exception('roles must ' ~ 'alternate') }}"));
        Assert.StartsWith("small.jinja, line 2: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("roles must alternate", error.Message, StringComparison.Ordinal);
    }
}
