using System.Text.Json;

namespace Dit.Text.Tests.Templates;

/// <summary>Renders small templates over a conversation and some variables that all of these tests share.</summary>
internal static class Small
{
    private const string Messages = """
        [{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Yo"}]
        """;

    private const string Variables = """
        {
          "n": [3, 1, 2],
          "s": "Hello World",
          "d": {"b": 1, "a": {"items": [1, 2]}, "C": 3.5, "z": null},
          "u": "aé🗾b",
          "t": true,
          "people": [{"name": "x", "age": 3}, {"name": "Y", "age": 1}, {"name": "z"}],
          "tree": [{"k": 1, "c": [{"k": 2, "c": []}]}, {"k": 3, "c": []}],
          "big": 123456789012345678901234567890,
          "f": [1.0, 1e16, 1e-5, 0.1, 2.5e-7, 1e23]
        }
        """;

    public static string Render(string template)
    {
        using JsonDocument messages = JsonDocument.Parse(Messages);
        using JsonDocument variables = JsonDocument.Parse(Variables);
        return ChatTemplate.Parse(template, "small.jinja").Render(messages.RootElement, null, variables.RootElement);
    }
}
