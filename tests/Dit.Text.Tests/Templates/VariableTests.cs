using System.Text.Json;

namespace Dit.Text.Tests.Templates;

/// <summary>How values from outside look to a template.</summary>
public class VariableTests
{
    private static readonly Message[] Conversation = [new("user", "Hi"), new("assistant", "Yo")];

    [Fact]
    public void Messages_have_a_role_and_a_content()
    {
        ChatTemplate template = Parse("{% for m in messages %}{{ m.role }}: {{ m['content'] }}\n{% endfor %}{{ messages|tojson }}");
        Assert.Equal(
            "user: Hi\nassistant: Yo\n[{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"assistant\", \"content\": \"Yo\"}]",
            template.Render(Conversation, addGenerationPrompt: false));
    }

    [Theory]
    [InlineData(true, "True")]
    [InlineData(false, "False")]
    public void The_generation_prompt_is_asked_for(bool asked, string expected) =>
        Assert.Equal(expected, Parse("{{ add_generation_prompt }}").Render(Conversation, asked));

    [Fact]
    public void Variables_may_be_values_of_dotnet_or_JSON()
    {
        using JsonDocument json = JsonDocument.Parse("""{"a": [1, 2.0, "x", null, true]}""");
        var variables = new Dictionary<string, object?>
        {
            ["text"] = "a",
            ["integer"] = 1,
            ["number"] = 1.5,
            ["truth"] = false,
            ["nothing"] = null,
            ["list"] = new object?[] { 1, "b", null },
            ["dict"] = new Dictionary<string, object?> { ["k"] = new[] { 1, 2 } },
            ["json"] = json.RootElement,
        };
        Assert.Equal(
            "a 1 1.5 False None [1, 'b', None] {'k': [1, 2]} {'a': [1, 2.0, 'x', None, True]}",
            Parse("{{ text }} {{ integer }} {{ number }} {{ truth }} {{ nothing }} {{ list }} {{ dict }} {{ json }}")
                .Render(Conversation, addGenerationPrompt: false, variables));
    }

    [Fact]
    public void Tools_are_none_and_other_names_undefined_where_they_are_not_given() => Assert.Equal(
        "True True False",
        Parse("{{ tools is none }} {{ documents is none }} {{ enable_thinking is defined }}").Render(Conversation, addGenerationPrompt: false));

    [Fact]
    public void Kwargs_go_before_variables()
    {
        using JsonDocument json = JsonDocument.Parse("""{"messages": [], "kwargs": {"x": 1, "add_generation_prompt": true}}""");
        var variables = new Dictionary<string, object?> { ["x"] = 2, ["y"] = 3 };
        Assert.Equal(
            "1 3 True",
            Parse("{{ x }} {{ y }} {{ add_generation_prompt }}")
                .Render(json.RootElement.GetProperty("messages"), null, json.RootElement.GetProperty("kwargs"), variables));
    }

    [Fact]
    public void A_rendering_leaves_nothing_behind_for_the_next()
    {
        ChatTemplate template = Parse("{{ x is defined }}{% set x = 1 %}{% set ns = namespace(a=0) %}{% set ns.a = ns.a + 1 %}{{ ns.a }}");
        Assert.Equal("False1", template.Render(Conversation, addGenerationPrompt: false));
        Assert.Equal("False1", template.Render(Conversation, addGenerationPrompt: false));
    }

    [Theory]
    [InlineData("%d %b %Y", "05 Mar 2024")]
    [InlineData("%Y-%m-%d", "2024-03-05")]
    [InlineData("%B %-d, %Y", "March 5, 2024")]
    [InlineData("%A %a %j %H:%M:%S %I %p %y%%", "Tuesday Tue 065 16:07:09 04 PM 24%")]
    [InlineData("%e|%u|%w|%F|%T|%D|%c", " 5|2|2|2024-03-05|16:07:09|03/05/24|Tue Mar  5 16:07:09 2024")]
    public void The_time_is_printed_by_format(string format, string expected) => Assert.Equal(
        expected,
        ChatTemplate.Parse($"{{{{ strftime_now('{format}') }}}}", "small.jinja", new StoppedClock()).Render(Conversation, addGenerationPrompt: false));

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\ud800\": 1}")]
    public void Half_of_a_surrogate_pair_is_refused(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        DitException error = Assert.Throws<DitException>(() => Parse("{{ messages }}").Render(document.RootElement, null));
        Assert.Contains("surrogate", error.Message, StringComparison.Ordinal);
    }

    private static ChatTemplate Parse(string source) => ChatTemplate.Parse(source, "small.jinja");

    private sealed class StoppedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2024, 3, 5, 16, 7, 9, TimeSpan.Zero);
    }
}
