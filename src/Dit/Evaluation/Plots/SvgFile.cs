using System.Globalization;
using System.Text;
using System.Xml;
using Dit.Files;

namespace Dit.Evaluation.Plots;

/// <summary>Pictures as SVG: text stays text. The same picture gives the same bytes.</summary>
public static class SvgFile
{
    private const string Fonts = "'DejaVu Sans', Verdana, Helvetica, Arial, sans-serif";

    private static readonly (string, string) s_smooth = ("shape-rendering", "geometricPrecision");

    /// <summary>Writes a picture, whole or not at all.</summary>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write(string path, Picture picture) => AtomicFile.Write(path, stream =>
    {
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, NewLineChars = "\n", Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) });
        xml.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        Set(xml, ("width", Number(picture.Width)), ("height", Number(picture.Height)), ("viewBox", $"0 0 {Number(picture.Width)} {Number(picture.Height)}"), ("font-family", Fonts));

        // Boxes side by side must not let the ground shine through between them.
        Set(xml, ("shape-rendering", "crispEdges"));
        Write(xml, new Box(0, 0, picture.Width, picture.Height, new Rgb(255, 255, 255)));
        foreach (var shape in picture.Shapes)
        {
            Write(xml, shape);
        }

        xml.WriteEndElement();
    });

    private static void Write(XmlWriter xml, Shape shape)
    {
        switch (shape)
        {
            case Box box:
                xml.WriteStartElement("rect");
                Set(xml, ("x", Number(box.X)), ("y", Number(box.Y)), ("width", Number(box.Width)), ("height", Number(box.Height)), ("fill", box.Fill.Hex));
                break;
            case Stroke line:
                xml.WriteStartElement("line");
                Set(xml, ("x1", Number(line.X1)), ("y1", Number(line.Y1)), ("x2", Number(line.X2)), ("y2", Number(line.Y2)), ("stroke", line.Colour.Hex), ("stroke-width", Number(line.Width)));
                break;
            case Bend bend:
                xml.WriteStartElement("polyline");
                Set(xml, ("points", Points(bend.Points)), ("fill", "none"), ("stroke", bend.Colour.Hex), ("stroke-width", Number(bend.Width)), ("stroke-linejoin", "round"), s_smooth);
                if (bend.IsDashed)
                {
                    Set(xml, ("stroke-dasharray", $"{PngFile.Dash} {PngFile.Gap}"));
                }

                break;
            case Patch patch:
                xml.WriteStartElement("polygon");
                Set(xml, ("points", Points(patch.Points)), ("fill", patch.Fill.Hex), ("stroke", patch.Outline?.Hex ?? "none"), s_smooth);
                if (patch.Opacity < 1)
                {
                    Set(xml, ("fill-opacity", Number(patch.Opacity)));
                }

                break;
            case Disc disc:
                xml.WriteStartElement("circle");
                Set(xml, ("cx", Number(disc.X)), ("cy", Number(disc.Y)), ("r", Number(disc.Radius)), ("fill", disc.Fill.Hex), ("stroke", disc.Outline?.Hex ?? "none"), s_smooth);
                break;
            case Label label:
                xml.WriteStartElement("text");
                Set(xml, ("x", Number(label.X)), ("y", Number(label.Y)), ("font-size", Number(label.Size)), ("fill", label.Colour.Hex));
                if (label.Anchor != Anchor.Start)
                {
                    Set(xml, ("text-anchor", label.Anchor == Anchor.Middle ? "middle" : "end"));
                }

                if (label.IsBold)
                {
                    Set(xml, ("font-weight", "bold"));
                }

                if (label.IsUpright)
                {
                    Set(xml, ("transform", $"rotate(-90 {Number(label.X)} {Number(label.Y)})"));
                }

                xml.WriteString(Visible(label.Text));
                break;
            default:
                throw new ArgumentException($"There is no way to draw {shape}.", nameof(shape));
        }

        xml.WriteEndElement();
    }

    private static void Set(XmlWriter xml, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            xml.WriteAttributeString(name, value);
        }
    }

    /// <summary>XML has no place for control characters, nor for half a surrogate pair.</summary>
    private static string Visible(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.Value < ' ' || rune.Value is 0xFFFE or 0xFFFF ? "\uFFFD" : rune.ToString()));

    private static string Points(IEnumerable<(double X, double Y)> points) => string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"));

    private static string Number(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);
}
