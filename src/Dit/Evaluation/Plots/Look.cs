namespace Dit.Evaluation.Plots;

/// <summary>How charts look: inks, the colours and markers of series, text that is broken where it is too long.</summary>
internal static class Look
{
    public static readonly Rgb Ink = new(0x22, 0x22, 0x22), Soft = new(0x60, 0x60, 0x60), Grid = new(0xdd, 0xdd, 0xdd), Ground = new(255, 255, 255);

    /// <summary>Wide enough for a page of documentation.</summary>
    public const double Width = 800;

    public const double TitleSize = 17, TextSize = 13, SmallSize = 12;

    private const double Margin = 24;

    /// <summary>
    /// The colour of one of so many series. Equal steps of viridis are told apart by most colour-blind people and in grey; its yellow end would be
    /// lost on white.
    /// </summary>
    public static Rgb Colour(int series, int count) => Viridis.At(count < 2 ? 0.3 : 0.12 + (0.74 * series / (count - 1)));

    /// <summary>The marker of a series; each of the first four has another form.</summary>
    public static Shape Marker(int series, double x, double y, Rgb fill) => (series % 4) switch
    {
        0 => new Disc(x, y, 4.5, fill, Ink),
        1 => new Patch([(x - 4, y - 4), (x + 4, y - 4), (x + 4, y + 4), (x - 4, y + 4)], fill, Outline: Ink),
        2 => new Patch([(x, y - 5.5), (x + 5, y + 4), (x - 5, y + 4)], fill, Outline: Ink),
        _ => new Patch([(x - 5, y - 4), (x + 5, y - 4), (x, y + 5.5)], fill, Outline: Ink),
    };

    /// <summary>The open diamond that stands for a number of the paper.</summary>
    public static Shape PaperMarker(double x, double y) => new Patch([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)], Ground, Outline: Ink);

    /// <summary>Title and subtitle.</summary>
    /// <returns>Where what follows may begin.</returns>
    public static double AddHeading(List<Shape> shapes, string title, string subtitle)
    {
        var y = 32.0;
        foreach (var line in Broken(title, TitleSize * 1.06, Width - (2 * Margin), 2))
        {
            shapes.Add(new Label(Margin, y, line, TitleSize, Ink, IsBold: true));
            y += 22;
        }

        foreach (var line in Broken(subtitle, SmallSize, Width - (2 * Margin), 3))
        {
            shapes.Add(new Label(Margin, y, line, SmallSize, Soft));
            y += 17;
        }

        return y;
    }

    /// <summary>A legend, as many entries a line as there is room for.</summary>
    /// <param name="shapes">Where it is added.</param>
    /// <param name="y">Where it may begin.</param>
    /// <param name="entries">Names, and what draws the sample of each to the right of a point.</param>
    /// <returns>Where what follows may begin.</returns>
    public static double AddLegend(List<Shape> shapes, double y, IEnumerable<(string Name, Func<double, double, IEnumerable<Shape>> Sample)> entries)
    {
        const double sample = 30, gap = 22, line = 21;
        var (x, any) = (Margin, false);
        y += 8;
        foreach (var (name, draw) in entries)
        {
            var text = Broken(name, SmallSize, Width - (2 * Margin) - sample, 1).FirstOrDefault("");
            var width = sample + 6 + PngFile.Width(text, SmallSize);
            if (any && x + width > Width - Margin)
            {
                (x, y) = (Margin, y + line);
            }

            shapes.AddRange(draw(x, y));
            shapes.Add(new Label(x + sample + 6, y + 4, text, SmallSize, Ink));
            x += width + gap;
            any = true;
        }

        return any ? y + line : y;
    }

    /// <summary>A text in lines of at most that width, broken between words; what is too long for the lines ends in an ellipsis.</summary>
    public static IReadOnlyList<string> Broken(string text, double size, double width, int mostLines)
    {
        var lines = new List<string>();
        foreach (var word in Printable.Line(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && Fits($"{lines[^1]} {word}"))
            {
                lines[^1] += " " + word;
            }
            else if (lines.Count < mostLines)
            {
                lines.Add(word);
            }
            else
            {
                lines[^1] += " …";
                break;
            }
        }

        return [.. lines.Select(Cut)];

        bool Fits(string line) => PngFile.Width(line, size) <= width;

        string Cut(string line)
        {
            var cut = line;
            while (cut.Length > 1 && !Fits(cut))
            {
                cut = cut.TrimEnd('…', ' ');
                cut = cut[..^(cut.Length > 2 && char.IsLowSurrogate(cut[^1]) ? 2 : 1)] + "…";
            }

            return cut;
        }
    }
}
