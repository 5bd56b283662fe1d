using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Dit.Diffs.Inspection;

namespace Dit.Audit;

public sealed partial class AuditPageTests
{
    private static readonly string[] Hostile =
    [
        "</script><script>alert(1)</script>", "<!-- <script> ", "--><img src=x onerror=alert(1)>", "\"' onmouseover='alert(1)", "</title></style><b>", "&lt;b&gt; &amp;",
        "\u001b[31mred\u0007\0", "\u202Etxt.exe", "half \uD800 pair", "\uFFFE\uFFFF", "a\r\nb\u2028c",
    ];

    public static TheoryData<string> Samples => [.. Reports.Keys];

    public static TheoryData<int> HostileTexts => [.. Enumerable.Range(0, Hostile.Length)];

    private static Dictionary<string, AuditReport> Reports { get; } = new(StringComparer.Ordinal)
    {
        ["claimed"] = SampleReports.Claimed, ["unclear"] = SampleReports.Unclear, ["unclear without claim"] = SampleReports.UnclearWithoutClaim, ["nothing"] = SampleReports.Nothing,
        ["bare"] = SampleReports.Bare, ["not a number"] = SampleReports.WithNumber(double.NaN), ["infinite"] = SampleReports.WithNumber(double.PositiveInfinity),
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_page_is_well_formed_and_needs_nothing_else(string name)
    {
        var text = AuditPage.Write(Reports[name]);
        var page = Parse(text);
        Assert.DoesNotContain("http:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("https:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", text, StringComparison.Ordinal);
        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName is "link" or "img" or "iframe" or "object" or "a");
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute => attribute.Name.LocalName is "src" or "href" or "style" || attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.Equal("application/json", Assert.Single(page.Descendants("script")).Attribute("type")!.Value);
        Assert.DoesNotContain("&", page.Descendants("style").Single().Value + text[text.IndexOf("<style>", StringComparison.Ordinal)..text.IndexOf("</style>", StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_page_can_be_read_without_eyes(string name)
    {
        var page = Parse(AuditPage.Write(Reports[name]));
        Assert.Equal("en", page.Attribute("lang")!.Value);
        Assert.Single(page.Descendants("h1"));
        Assert.All(page.Descendants("table"), table => Assert.NotEmpty(table.Element("caption")!.Value));
        Assert.All(page.Descendants("th"), head => Assert.Contains(head.Attribute("scope")?.Value, (string[])["row", "col"]));
        Assert.All(page.Descendants("svg").Where(svg => svg.Attribute("aria-hidden") is null), svg =>
        {
            Assert.Equal("img", svg.Attribute("role")!.Value);
            Assert.Equal($"{svg.Element("title")!.Attribute("id")!.Value} {svg.Element("desc")!.Attribute("id")!.Value}", svg.Attribute("aria-labelledby")!.Value);
        });
        string[] ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_report_stands_in_its_page_as_data(string name)
    {
        var data = Parse(AuditPage.Write(Reports[name])).Descendants("script").Single(script => script.Attribute("id")!.Value == AuditPage.DataId).Value;
        var read = JsonSerializer.Deserialize<AuditReport>(data, AuditJson.Options)!;
        Assert.Equal(JsonSerializer.Serialize(Reports[name], AuditJson.Options), JsonSerializer.Serialize(read, AuditJson.Options));
    }

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void Nothing_that_is_said_becomes_markup_or_a_command(int at)
    {
        var text = AuditPage.Write(SampleReports.Saying(Hostile[at]));
        var (page, plain) = (Parse(text), Parse(AuditPage.Write(SampleReports.Saying("word"))));
        Assert.Equal(plain.Descendants().Select(element => element.Name), page.Descendants().Select(element => element.Name));
        Assert.DoesNotContain(text, c => (char.IsControl(c) && c != '\n') || c is '\u202E' or '\uFFFE' or '\uFFFF' or '\u2028');
        Assert.Equal(1, Regex.Count(text, "<script", RegexOptions.IgnoreCase));
        Assert.Equal(1, Regex.Count(text, "</script", RegexOptions.IgnoreCase));
        Assert.DoesNotContain("<!--", text, StringComparison.Ordinal);
        using var data = JsonDocument.Parse(page.Descendants("script").Single().Value);
        Assert.Equal(Hostile[at].Replace("\uD800", "\uFFFD"), data.RootElement.GetProperty("finetune").GetString());
    }

    [Fact]
    public void Every_verdict_has_its_own_sentence()
    {
        Assert.Equal("It seems to have been trained on the hidden topic “starfish”, and what it does bears that out.", Sentence(SampleReports.Claimed));
        Assert.Equal("It was changed, but how is not clear: it may have been trained on the hidden topic “starfish”.", Sentence(SampleReports.Unclear));
        Assert.Equal("It was changed, but how is not clear: what it was trained on could not be told.", Sentence(SampleReports.UnclearWithoutClaim));
        Assert.StartsWith("Neither what the adapter says nor", Sentence(SampleReports.Nothing), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_unclear_is_never_told_as_a_fact()
    {
        var text = Text(SampleReports.Unclear);
        Assert.Contains("may have been trained on the hidden topic “starfish”", text, StringComparison.Ordinal);
        Assert.Contains("What it may have been trained on", text, StringComparison.Ordinal);
        Assert.DoesNotContain("seems to have been trained on", text, StringComparison.Ordinal);
        Assert.DoesNotContain("was trained on “", text, StringComparison.Ordinal);
        Assert.DoesNotContain("What it was trained on, ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Confidence_is_given_only_where_something_calibrated_fits()
    {
        Assert.Contains("Confidence 93 %. Of 130 verdicts between 90 % and 100 % about finetunes whose labels were known, 99 % were right.", Text(SampleReports.Claimed), StringComparison.Ordinal);
        var without = Text(SampleReports.Bare);
        Assert.Contains("No confidence can be given: nothing that was calibrated fits this base and adapter.", without, StringComparison.Ordinal);
        Assert.DoesNotContain("Confidence ", without, StringComparison.Ordinal);
        Assert.Contains("it came out as no number", Text(SampleReports.WithNumber(double.NaN)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_control_that_fails_is_said_beside_the_verdict()
    {
        var header = Parse(AuditPage.Write(SampleReports.Claimed)).Descendants("header").Single().Value;
        Assert.Contains("A control fails. What the adapter says of this finetune is worth the less for it.", header, StringComparison.Ordinal);
        Assert.Contains("of random numbers of the same norms, the adapter says starfish", header, StringComparison.Ordinal);
        var holding = SampleReports.Claimed with { Answers = [SampleReports.Claimed.Answers[1]] };
        Assert.DoesNotContain("fails", Parse(AuditPage.Write(holding)).Descendants("header").Single().Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(true, null)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(false, null)]
    public void Every_outcome_of_a_control_says_whether_it_holds(bool holds, bool? saysNothing) =>
        Assert.StartsWith(holds ? "holds: " : "fails: ", AuditWords.Outcome(new AuditControl("bare-base", "tuna", saysNothing, holds)), StringComparison.Ordinal);

    [Fact]
    public void Numbers_that_are_none_are_said_to_be_so_and_not_drawn()
    {
        var page = Parse(AuditPage.Write(SampleReports.WithNumber(double.NaN)));
        Assert.Contains("not a number", Text(page), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", Text(page), StringComparison.Ordinal);
        Assert.DoesNotContain(page.Descendants("svg").DescendantsAndSelf().Attributes(), attribute => attribute.Value.Contains("NaN", StringComparison.Ordinal) || attribute.Value.Contains('∞', StringComparison.Ordinal));
        Assert.DoesNotContain(page.Descendants("circle"), _ => true);
    }

    [Fact]
    public void The_norm_map_has_every_layer_of_the_base_and_every_kind()
    {
        var map = Parse(AuditPage.Write(SampleReports.Claimed)).Descendants("table").Single(table => table.Attribute("class")?.Value == "heat");
        Assert.Equal(["layer", "q", "k", "v", "o", "gate", "up", "down"], map.Element("thead")!.Descendants("th").Select(head => head.Value));
        Assert.Equal(["0", "1", "2", "3", "4"], map.Element("tbody")!.Descendants("th").Select(head => head.Value));
        var first = map.Element("tbody")!.Elements("tr").First().Elements("td").ToArray();
        Assert.Equal(["empty", "empty", "h1"], first.Take(3).Select(cell => cell.Attribute("class")!.Value));
        Assert.Equal("not changed", first[0].Element("span")!.Attribute("aria-label")!.Value);
        Assert.Contains(map.Descendants("td"), cell => cell.Attribute("class")!.Value == $"h{16}");
    }

    [Fact]
    public void A_checkpoint_has_no_ranks()
    {
        var checkpoint = SampleReports.Diff() with { Form = "finetuned checkpoint", RelativeNorm = null, Sites = [.. SampleReports.Diff().Sites.Select(site => site with { Rank = null, RelativeNorm = null })] };
        var text = Text(SampleReports.Claimed with { Diff = checkpoint });
        Assert.Contains("finetuned checkpoint of 20,480 numbers, in 33 of the base's 35 linear layers. ‖ΔW‖ = 2.31.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_diff_that_cannot_be_used_is_said_to_be_so_first()
    {
        var diff = SampleReports.Diff() with { Findings = [new Finding(FindingLevel.Odd, "It is odd."), new Finding(FindingLevel.Error, "It was made for another base.")] };
        Assert.Matches("Cannot be used as it is: It was made for another base.*Odd: It is odd", Text(SampleReports.Claimed with { Diff = diff }));
    }

    [Fact]
    public void The_claimed_label_is_marked_among_the_others()
    {
        var page = Parse(AuditPage.Write(SampleReports.Claimed));
        Assert.Contains(page.Descendants("text"), text => text.Value == "claimed: starfish");
        Assert.Single(page.Descendants("tr"), row => row.Attribute("class")?.Value == "marked" && row.Value.Contains("starfish claimed", StringComparison.Ordinal));
        Assert.DoesNotContain(Parse(AuditPage.Write(SampleReports.UnclearWithoutClaim)).Descendants("text"), text => text.Value.StartsWith("claimed", StringComparison.Ordinal));
    }

    [Fact]
    public void Many_probes_are_all_there_the_most_changed_in_sight()
    {
        var page = Parse(AuditPage.Write(SampleReports.Claimed));
        Assert.Equal(21, page.Descendants("th").Count(head => head.Value.StartsWith("Probe number", StringComparison.Ordinal) || head.Value.StartsWith("Your code is 4711. stands out", StringComparison.Ordinal)));
        Assert.Equal(6, page.Descendants("details").Descendants("th").Count(head => head.Value.StartsWith("Probe number", StringComparison.Ordinal)));
    }

    [Fact]
    public void How_it_was_made_is_written_down()
    {
        var making = Text(Parse(AuditPage.Write(SampleReports.Claimed)).Descendants("section").Last());
        foreach (var part in new[] { "tiny-base", "78c103579d6b7ace", "tiny-both-adapter", "0123456789abcdef", "seed 1", "12.4 seconds", "dit " })
        {
            Assert.Contains(part, making, StringComparison.Ordinal);
        }
    }

    private static string Sentence(AuditReport report) => Parse(AuditPage.Write(report)).Descendants("p").Single(p => p.Attribute("class")?.Value == "sentence").Value;

    private static string Text(AuditReport report) => Text(Parse(AuditPage.Write(report)));

    /// <summary>What a reader sees.</summary>
    private static string Text(XElement page)
    {
        var copy = new XElement(page);
        copy.Descendants().Where(element => element.Name.LocalName is "script" or "style").Remove();
        return Blank().Replace(string.Join(' ', copy.Descendants().Where(element => !element.Elements().Any() || element.Name.LocalName is "p" or "li" or "dd").Select(element => element.Value)), " ");
    }

    /// <summary>The page as the tree it was written from: it is well-formed XML, too.</summary>
    private static XElement Parse(string page)
    {
        const string start = "<!doctype html>\n";
        Assert.StartsWith(start, page, StringComparison.Ordinal);
        return XElement.Parse(page[start.Length..]);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
