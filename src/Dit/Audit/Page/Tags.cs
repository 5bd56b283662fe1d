using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Dit.Audit.Page;

/// <summary>HTML as a tree, so that no text can be taken for markup: whatever a model or a file says is escaped when the tree is written.</summary>
internal static class Tags
{
    // Elements that HTML knows without an end tag.
    private static readonly HashSet<string> s_void = new(StringComparer.Ordinal) { "br", "hr", "meta" };

    /// <summary>An element. Text in it is made visible: what would control a terminal or the direction of writing shows as its number.</summary>
    public static XElement Tag(string name, params ReadOnlySpan<object?> content)
    {
        var element = new XElement(name);
        foreach (var part in content)
        {
            Add(element, part);
        }

        return element;
    }

    public static XAttribute Attribute(string name, string value) => new(name, Shown(value));

    public static XAttribute Class(string names) => new("class", names);

    /// <summary>What a model, a file or a user said, set apart from what dit says, with its own direction of writing.</summary>
    public static XElement Said(string text) => Tag("bdi", Class("said"), text.Length == 0 ? "(nothing)" : text);

    /// <summary>A part of the page under its heading.</summary>
    public static XElement Section(string id, string heading, params ReadOnlySpan<object?> content) =>
        Tag("section", Attribute("aria-labelledby", id), Tag("h2", Attribute("id", id), heading), content.ToArray());

    /// <summary>A table that can be scrolled where it is wider than the screen.</summary>
    public static XElement Table(string caption, IReadOnlyList<string> columns, IEnumerable<XElement> rows) => Wide(caption, Tag(
        "table",
        Tag("caption", caption),
        Tag("thead", Tag("tr", columns.Select(column => Tag("th", Attribute("scope", "col"), column)))),
        Tag("tbody", rows)));

    /// <summary>Room that scrolls sideways, also by the keyboard.</summary>
    public static XElement Wide(string name, params ReadOnlySpan<object?> content) =>
        Tag("div", Class("wide"), Attribute("tabindex", "0"), Attribute("role", "region"), Attribute("aria-label", name), content.ToArray());

    public static XElement RowHead(params ReadOnlySpan<object?> content) => Tag("th", Attribute("scope", "row"), content.ToArray());

    public static XElement Cell(params ReadOnlySpan<object?> content) => Tag("td", content.ToArray());

    public static XElement Number(string text) => Tag("td", Class("number"), text);

    /// <summary>The document as text.</summary>
    public static string Document(XElement html)
    {
        foreach (var empty in html.DescendantsAndSelf().Where(element => element.IsEmpty && !s_void.Contains(element.Name.LocalName)))
        {
            empty.Value = ""; // Writes an end tag, without which HTML takes it as still open.
        }

        var text = new StringBuilder("<!doctype html>\n");
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, IndentChars = "", NewLineChars = "\n", NewLineHandling = NewLineHandling.None }))
        {
            html.WriteTo(xml);
        }

        return text.Append('\n').ToString();
    }

    private static void Add(XElement element, object? part)
    {
        switch (part)
        {
            case string text:
                element.Add(Shown(text));
                break;
            case XObject or null:
                element.Add(part);
                break;
            case System.Collections.IEnumerable parts:
                foreach (var one in parts)
                {
                    Add(element, one);
                }

                break;
            default:
                throw new ArgumentException($"There is no way to write {part}.", nameof(part));
        }
    }

    /// <summary>Half a surrogate pair is made visible by <see cref="Printable"/>; what is no character at all has no place in a document.</summary>
    private static string Shown(string text) => string.Concat(Printable.Lines(text).EnumerateRunes().Select(rune => (rune.Value & 0xFFFE) == 0xFFFE ? "\uFFFD" : rune.ToString()));
}
