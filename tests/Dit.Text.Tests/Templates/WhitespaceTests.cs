namespace Dit.Text.Tests.Templates;

/// <summary>What tags take from the text around them. What is expected is what Jinja gives with the settings of transformers.</summary>
public class WhitespaceTests
{
    [Theory]
    [InlineData("a\n  {% if t %}\n  b\n  {% endif %}\nc", "a\n  b\nc")]
    [InlineData("{% if t %}\n\nx{% endif %}", "\nx")]
    [InlineData("  {% if t %}x{% endif %}  y", "x  y")]
    [InlineData("x {% if t %}y{% endif %}", "x y")]
    [InlineData("{% if t %} {% endif %}|", " |")]
    [InlineData("\t{% set a = 1 %}\n{{ a }}", "1")]
    [InlineData("a\n  {# remark #}\nb", "a\nb")]
    [InlineData("a {# remark #}\nb", "a b")]
    public void Block_tags_take_their_indent_and_their_newline(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("a\n  {{ s }}\nb", "a\n  Hello World\nb")]
    [InlineData("{{ s }}\n\n{{ s }}", "Hello World\n\nHello World")]
    [InlineData("  {{ s }}  ", "  Hello World  ")]
    public void Variable_tags_take_nothing(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("a \n {%- if t -%} \n b \n {%- endif -%} \n c", "abc")]
    [InlineData("a \n {{- s -}} \n b", "aHello Worldb")]
    [InlineData("a \n {#- x -#} \n b", "ab")]
    [InlineData("a\u00a0\n{{- 1 }}", "a1")]
    [InlineData("{{ 1 -}}\u2003 x", "1x")]
    public void A_minus_takes_all_white_space(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("a\n  {%+ if t %}\nb{% endif %}", "a\n  b")]
    [InlineData("{% if t +%}\nb{% endif %}", "\nb")]
    [InlineData("a\n  {#+ x +#}\nb", "a\n  \nb")]
    public void A_plus_keeps_white_space(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("{% raw %}{{ x }}{% if %}{% endraw %}!", "{{ x }}{% if %}!")]
    [InlineData("a {%- raw -%} {{ x }} {%- endraw -%} b", "a{{ x }}b")]
    [InlineData("{% raw %}\n{{ x }}\n{% endraw %}\nb", "\n{{ x }}\nb")]
    public void Raw_text_is_left_alone(string template, string expected) => Assert.Equal(expected, Small.Render(template));

    [Theory]
    [InlineData("a\r\nb\rc\n", "a\nb\nc")]
    [InlineData("a\n\n", "a\n")]
    [InlineData("\n", "")]
    [InlineData("{{ 'a\r\nb' }}", "a\nb")]
    public void Newlines_are_one_kind_and_the_last_goes(string template, string expected) => Assert.Equal(expected, Small.Render(template));
}
