using System.Text.Encodings.Web;
using System.Text.Json;
using Dit.Audit.Page;
using static Dit.Audit.Page.Tags;

namespace Dit.Audit;

/// <summary>An audit as one HTML file that needs nothing else: text, plots, and the report as data.</summary>
public static class AuditPage
{
    /// <summary>The id of the element in which the report stands as JSON.</summary>
    public const string DataId = "report";

    // No script, no resource from elsewhere, no form: what a hostile model says could do nothing even if it were taken for markup.
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    // Escapes what could end the element that the data stands in.
    private static readonly JsonSerializerOptions s_data = new(AuditJson.Options) { Encoder = JavaScriptEncoder.Default };

    /// <summary>The page.</summary>
    /// <param name="report">The audit.</param>
    public static string Write(AuditReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Document(Tag(
            "html",
            Attribute("lang", "en"),
            Tag(
                "head",
                Tag("meta", Attribute("charset", "utf-8")),
                Tag("meta", Attribute("http-equiv", "Content-Security-Policy"), Attribute("content", Policy)),
                Tag("meta", Attribute("name", "viewport"), Attribute("content", "width=device-width, initial-scale=1")),
                Tag("meta", Attribute("name", "color-scheme"), Attribute("content", "light dark")),
                Tag("meta", Attribute("name", "referrer"), Attribute("content", "no-referrer")),
                Tag("title", $"{AuditWords.Title(report.Verdict)}: audit of {Printable.Line(report.Finetune, 80)}"),
                Tag("style", PageStyle.Text)),
            Tag(
                "body",
                Tag(
                    "main",
                    VerdictPart.Of(report),
                    ClaimPart.Of(report),
                    AnswersPart.Of(report),
                    EvidencePart.Of(report),
                    DiffPart.Of(report.Diff),
                    CalibrationPart.Of(report.Calibration, report.CalibratedOn),
                    MakingPart.Of(report)),
                Tag("script", Attribute("type", "application/json"), Attribute("id", DataId), JsonSerializer.Serialize(report, s_data)))));
    }
}
