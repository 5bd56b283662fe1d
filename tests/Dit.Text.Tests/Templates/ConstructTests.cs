using System.Text.Json;

namespace Dit.Text.Tests.Templates;

/// <summary>
/// Templates of our own with what published ones are made of: macros, namespaces, loops within loops, tools as JSON, dates, filters.
/// The expected texts in constructs.json are what Jinja2 3.1.6 renders, set up as transformers sets it up.
/// </summary>
public sealed class ConstructTests
{
    private static readonly JsonElement s_file = Read();

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_file.GetProperty("cases").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Own_templates_are_rendered_as_Jinja2_renders_them(int number)
    {
        var row = s_file.GetProperty("cases")[number];
        var name = row.GetProperty("name").GetString()!;
        var template = ChatTemplate.Parse(s_file.GetProperty("templates").GetProperty(name).GetString()!, name, new Clock());
        var tools = row.GetProperty("tools");
        var text = template.Render(
            row.GetProperty("messages"),
            tools.ValueKind == JsonValueKind.Null ? null : tools,
            row.GetProperty("kwargs"),
            new Dictionary<string, object?> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" });
        Assert.Equal(row.GetProperty("text").GetString(), text);
    }

    private static JsonElement Read()
    {
        using var stream = typeof(ConstructTests).Assembly.GetManifestResourceStream("constructs.json")!;
        return JsonDocument.Parse(stream).RootElement;
    }

    /// <summary>The third of February 2026, five past four.</summary>
    private sealed class Clock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);
    }
}
