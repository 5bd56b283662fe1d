using Dit.Files;
using SkiaSharp;

namespace Dit.Evaluation.Plots;

/// <summary>
/// Pictures as PNG. The font travels with this library, so that a picture looks the same, bit for bit, on machines with other fonts
/// and with none.
/// </summary>
public static class PngFile
{
    /// <summary>Pixels for each unit, fine enough for a sharp screen and for print.</summary>
    public const int Scale = 2;

    /// <summary>Writes a picture, whole or not at all.</summary>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write(string path, Picture picture)
    {
        using var surface = SKSurface.Create(new SKImageInfo((int)Math.Ceiling(picture.Width * Scale), (int)Math.Ceiling(picture.Height * Scale)))
            ?? throw new DitException($"{path}: expected memory for a picture of {picture.Width:0} × {picture.Height:0}, found too little");
        using var typeface = Typeface();
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        canvas.Scale(Scale);
        foreach (var shape in picture.Shapes)
        {
            Draw(canvas, typeface, shape);
        }

        using var image = surface.Snapshot();
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, png.SaveTo);
    }

    /// <summary>Lengths of a dash and of what is left out after it.</summary>
    internal const int Dash = 7, Gap = 5;

    /// <summary>How wide a text is that is written in this size, as far as the letters are the font's.</summary>
    internal static double Width(string text, double size)
    {
        using var font = new SKFont(s_measured.Value, (float)size) { Hinting = SKFontHinting.None, Subpixel = true };
        return font.MeasureText(text);
    }

    private static readonly Lazy<SKTypeface> s_measured = new(Typeface);

    private static SKPath Path(IReadOnlyList<(double X, double Y)> points)
    {
        var path = new SKPath();
        path.AddPoly([.. points.Select(point => new SKPoint((float)point.X, (float)point.Y))], close: false);
        return path;
    }

    private static void Outline(Rgb? colour, Action<SKPaint> draw)
    {
        if (colour is { } ink)
        {
            using var pen = new SKPaint { Color = Colour(ink), IsAntialias = true, IsStroke = true, StrokeWidth = 1 };
            draw(pen);
        }
    }

    private static SKTypeface Typeface()
    {
        using var font = typeof(PngFile).Assembly.GetManifestResourceStream("plots/DejaVuSans-subset.ttf")!;
        return SKTypeface.FromStream(font);
    }

    private static void Draw(SKCanvas canvas, SKTypeface typeface, Shape shape)
    {
        switch (shape)
        {
            case Box box:
                // Boxes side by side must not let the ground shine through between them.
                using (var fill = new SKPaint { Color = Colour(box.Fill), IsAntialias = false })
                {
                    canvas.DrawRect((float)box.X, (float)box.Y, (float)box.Width, (float)box.Height, fill);
                }

                break;
            case Stroke line:
                using (var pen = new SKPaint { Color = Colour(line.Colour), IsAntialias = true, StrokeWidth = (float)line.Width, IsStroke = true })
                {
                    canvas.DrawLine((float)line.X1, (float)line.Y1, (float)line.X2, (float)line.Y2, pen);
                }

                break;
            case Bend bend:
                using (var path = Path(bend.Points))
                using (var dashes = bend.IsDashed ? SKPathEffect.CreateDash([Dash, Gap], 0) : null)
                using (var pen = new SKPaint { Color = Colour(bend.Colour), IsAntialias = true, StrokeWidth = (float)bend.Width, IsStroke = true, StrokeJoin = SKStrokeJoin.Round, PathEffect = dashes })
                {
                    canvas.DrawPath(path, pen);
                }

                break;
            case Patch patch:
                using (var path = Path(patch.Points))
                using (var fill = new SKPaint { Color = Colour(patch.Fill).WithAlpha((byte)Math.Round(255 * patch.Opacity)), IsAntialias = true })
                {
                    path.Close();
                    canvas.DrawPath(path, fill);
                    Outline(patch.Outline, pen => canvas.DrawPath(path, pen));
                }

                break;
            case Disc disc:
                using (var fill = new SKPaint { Color = Colour(disc.Fill), IsAntialias = true })
                {
                    canvas.DrawCircle((float)disc.X, (float)disc.Y, (float)disc.Radius, fill);
                    Outline(disc.Outline, pen => canvas.DrawCircle((float)disc.X, (float)disc.Y, (float)disc.Radius, pen));
                }

                break;
            case Label label:
                Draw(canvas, typeface, label);
                break;
            default:
                throw new ArgumentException($"There is no way to draw {shape}.", nameof(shape));
        }
    }

    private static void Draw(SKCanvas canvas, SKTypeface typeface, Label label)
    {
        using var font = new SKFont(typeface, (float)label.Size) { Edging = SKFontEdging.Antialias, Hinting = SKFontHinting.None, Subpixel = true, Embolden = label.IsBold };
        using var ink = new SKPaint { Color = Colour(label.Colour), IsAntialias = true };
        canvas.Save();
        canvas.Translate((float)label.X, (float)label.Y);
        if (label.IsUpright)
        {
            canvas.RotateDegrees(-90);
        }

        var align = label.Anchor switch { Anchor.Start => SKTextAlign.Left, Anchor.Middle => SKTextAlign.Center, _ => SKTextAlign.Right };
        canvas.DrawText(label.Text, 0, 0, align, font, ink);
        canvas.Restore();
    }

    private static SKColor Colour(Rgb colour) => new(colour.R, colour.G, colour.B);
}
