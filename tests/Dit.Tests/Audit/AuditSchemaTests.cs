using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Dit.Behaviours;
using Dit.Tests.Architecture;

namespace Dit.Audit;

/// <summary>The schema in the documentation and what is written cannot drift apart.</summary>
public sealed class AuditSchemaTests
{
    private static readonly string s_path = Path.Combine(Repository.Root, "docs", "audit.schema.json");
    private static readonly JsonObject s_schema = JsonNode.Parse(File.ReadAllText(s_path))!.AsObject();

    public static TheoryData<string> Samples => ["claimed", "unclear", "unclear without claim", "nothing", "bare", "not a number", "infinite", "hostile"];

    [Theory]
    [MemberData(nameof(Samples))]
    public void What_is_written_fits_the_schema(string name) =>
        Assert.Empty(new JsonSchemaCheck(s_schema).Misfits(JsonNode.Parse(JsonSerializer.Serialize(Report(name), AuditJson.Options))));

    [Theory]
    [InlineData("""{ "verdict": "no-verdict" }""", "$.verdict")]
    [InlineData("""{ "confidence": "high" }""", "$.confidence")]
    [InlineData("""{ "version": 3 }""", "$.version")]
    [InlineData("""{ "news": 1 }""", "news is not in the schema")]
    [InlineData("""{ "seed": -1 }""", "$.seed")]
    [InlineData("""{ "claim": { "setting": "gossip", "label": "x" } }""", "$.claim")]
    [InlineData("""{ "answers": [ { "question": "What?" } ] }""", "$.answers[0]: setting is missing")]
    public void What_does_not_fit_is_found(string changes, string place)
    {
        var json = JsonNode.Parse(JsonSerializer.Serialize(SampleReports.Claimed, AuditJson.Options))!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject())
        {
            json[name] = value?.DeepClone();
        }

        Assert.Contains(new JsonSchemaCheck(s_schema).Misfits(json), misfit => misfit.Contains(place, StringComparison.Ordinal));
    }

    /// <summary>Walks the types that are written and the schema side by side.</summary>
    [Fact]
    public void The_schema_has_every_property_of_a_report_and_no_other() =>
        Compare(AuditJson.Options.GetJsonSchemaAsNode(typeof(AuditReport), new JsonSchemaExporterOptions { TransformSchemaNode = SayThatItMayBeNull, TreatNullObliviousAsNonNullable = true }), s_schema, "$");

    [Fact]
    public void The_schema_has_every_verdict_and_setting()
    {
        Assert.Equal(Enum.GetValues<AuditVerdict>().Select(AuditWords.Name), s_schema["properties"]!["verdict"]!["enum"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal(SettingNames.All, s_schema["$defs"]!["setting"]!["enum"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal(AuditReport.CurrentVersion, s_schema["properties"]!["version"]!["const"]!.GetValue<int>());
    }

    [Fact]
    public void A_report_that_is_read_again_is_the_same() => Assert.All(Samples, name =>
    {
        var text = JsonSerializer.Serialize(Report(name), AuditJson.Options);
        Assert.Equal(text, JsonSerializer.Serialize(JsonSerializer.Deserialize<AuditReport>(text, AuditJson.Options), AuditJson.Options));
    });

    /// <summary>Of numbers that may be named, and of what is only written, the exporter does not say whether they may be null.</summary>
    private static JsonNode SayThatItMayBeNull(JsonSchemaExporterContext context, JsonNode node)
    {
        if (Nullable.GetUnderlyingType(context.TypeInfo.Type) == typeof(double))
        {
            node["anyOf"]!.AsArray().Add(new JsonObject { ["type"] = "null" });
        }

        if (context.PropertyInfo is { Set: null, IsGetNullable: false } && node["type"] is JsonArray types)
        {
            node["type"] = types[0]!.DeepClone();
        }

        return node;
    }

    private static void Compare(JsonNode written, JsonNode described, string place)
    {
        var (own, nullable) = Resolved(described);
        if (written["properties"] is JsonObject properties)
        {
            var names = properties.Select(property => property.Key).Order(StringComparer.Ordinal).ToArray();
            Assert.Equal(names, own["properties"]!.AsObject().Select(property => property.Key).Order(StringComparer.Ordinal));
            Assert.Equal(names, own["required"]!.AsArray().Select(name => name!.GetValue<string>()).Order(StringComparer.Ordinal));
            Assert.False(own["additionalProperties"]!.GetValue<bool>(), place);
            foreach (var (name, property) in properties)
            {
                Compare(property!, own["properties"]![name]!, $"{place}.{name}");
            }
        }
        else if (written["items"] is { } items)
        {
            Assert.Equal("array", own["type"]!.GetValue<string>());
            Compare(items, own["items"]!, $"{place}[]");
        }

        if (written is JsonObject { Count: > 0 } && place != "$")
        {
            var mayBeNull = written["type"] is JsonArray types && types.Any(type => type!.GetValue<string>() == "null")
                || written["anyOf"] is JsonArray forms && forms.Any(form => form!["type"] is { } type && type.ToJsonString().Contains("null", StringComparison.Ordinal))
                || written["enum"] is JsonArray values && values.Any(value => value is null);
            Assert.True(mayBeNull == nullable, $"{place}: null is {(mayBeNull ? "" : "not ")}written, the schema says otherwise: {written.ToJsonString()}");
        }
    }

    /// <summary>What a reference leads to, and whether null may stand in its place.</summary>
    private static (JsonObject Rule, bool Nullable) Resolved(JsonNode rule)
    {
        if (rule["$ref"] is { } reference)
        {
            return Resolved(s_schema["$defs"]![reference.GetValue<string>()["#/$defs/".Length..]]!);
        }

        if (rule["anyOf"] is JsonArray forms && forms.Any(form => form!["type"]?.ToJsonString() == "\"null\""))
        {
            return (Resolved(forms[0]!).Rule, true);
        }

        return (rule.AsObject(), rule["type"] is JsonArray types && types.Any(type => type!.GetValue<string>() == "null"));
    }

    private static AuditReport Report(string name) => name switch
    {
        "claimed" => SampleReports.Claimed, "unclear" => SampleReports.Unclear, "unclear without claim" => SampleReports.UnclearWithoutClaim, "nothing" => SampleReports.Nothing,
        "bare" => SampleReports.Bare, "not a number" => SampleReports.WithNumber(double.NaN), "infinite" => SampleReports.WithNumber(double.NegativeInfinity),
        _ => SampleReports.Saying("</script>\u001b \"quoted\""),
    };
}
