using System.Globalization;
using System.Reflection;
using System.Xml.Linq;
using static Dit.Audit.Page.Tags;

namespace Dit.Audit.Page;

/// <summary>How the audit was made, so that it can be made again.</summary>
internal static class MakingPart
{
    public static XElement Of(AuditReport report) => Section(
        "making",
        "How this was made",
        Tag(
            "dl",
            Entry("finetune", Tag("bdi", report.Finetune)),
            Entry(report.Files.Count == 1 ? "its file" : "its files", report.Files.Select(file => Tag("div", Tag("bdi", file.Name), $", {AuditNumber.Count(file.Bytes)} bytes, SHA-256 ", Tag("code", file.Sha256)))),
            Entry("base model", Tag("bdi", report.Base.Name), ", fingerprint ", Tag("code", report.Base.Fingerprint)),
            Entry("DIT adapter", Tag("bdi", report.Adapter.Name), ", fingerprint ", Tag("code", report.Adapter.Fingerprint)),
            Entry("seed", Tag("code", report.Seed.ToString(CultureInfo.InvariantCulture))),
            Entry("made at", report.MadeAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)),
            Entry("time", double.IsFinite(report.Seconds) ? $"{report.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} seconds" : "not known"),
            Entry("made by", $"dit {Version}, layout {report.Version} of the report")),
        Tag(
            "p",
            "The same finetune, base, adapter and seed give the same report but for the times. The whole report stands in this file as JSON, in the element with the id ",
            Tag("code", AuditPage.DataId), ". An audit says what was looked for and what was seen; a finetune can have learned what nobody has thought of looking for."));

    private static string Version => typeof(AuditReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    private static XElement Entry(string name, params ReadOnlySpan<object?> content) => Tag("div", Tag("dt", name), Tag("dd", content.ToArray()));
}
