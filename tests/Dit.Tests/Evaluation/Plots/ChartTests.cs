using System.Xml.Linq;
using Dit.Evaluation.Tables;

namespace Dit.Evaluation.Plots;

public sealed class ChartTests : IDisposable
{
    private static readonly Rgb s_white = new(255, 255, 255);

    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Bars_have_their_numbers_whiskers_and_the_papers_markers()
    {
        var texts = Texts(Bars().Draw());
        Assert.Superset(new HashSet<string> { "Hidden topics", "exact match", "DIT", "base question", "0 %", "100 %", "75.7 %", "95 % interval", "the paper, Qwen3-4B", "hidden topic", "news" }, texts);
        // One marker for each number of the paper and one in the legend.
        Assert.Equal(3, Bars().Draw().Shapes.Count(shape => shape is Patch { Fill: var fill } && fill == s_white));
        var exact = Bars() with { Groups = [new BarGroup("DIT", [new Bar(new Interval(0.5, 0.5, 0.5)), null])] };
        Assert.DoesNotContain("95 % interval", Texts(exact.Draw()));
        Assert.DoesNotContain("the paper, Qwen3-4B", Texts(exact.Draw()));
    }

    [Fact]
    public void A_bar_is_as_long_as_its_value()
    {
        var boxes = (Bars() with { Series = [""], Groups = [new("a", [Exactly(1)]), new("b", [Exactly(0.25)]), new("c", [Exactly(0)])] }).Draw().Shapes.OfType<Box>().Select(box => box.Width).ToArray();
        Assert.Equal(boxes[0] / 4, boxes[1], 9);
        Assert.Equal(0, boxes[2], 9);
        var grades = (Bars() with { Unit = Unit.Score, Series = [""], Groups = [new("a", [Exactly(5)]), new("b", [Exactly(3)]), new("c", [Exactly(1)])] }).Draw().Shapes.OfType<Box>().Select(box => box.Width).ToArray();
        Assert.Equal(grades[0] / 2, grades[1], 9);
        Assert.Equal(0, grades[2], 9);
    }

    [Fact]
    public void Curves_have_bands_and_the_papers_are_dashed()
    {
        var picture = Lines().Draw();
        Assert.Superset(new HashSet<string> { "Data scaling", "diffs", "share", "4", "72", "full", "ours", "the paper", "95 % interval", "20 %" }, Texts(picture));
        Assert.Equal([true, false], picture.Shapes.OfType<Bend>().Where(bend => bend.Points.Count > 2).Select(bend => bend.IsDashed));
        Assert.Equal(2, picture.Shapes.OfType<Patch>().Count(patch => patch.Opacity < 1));
    }

    [Fact]
    public void Equal_factors_are_equally_far_apart_on_a_logarithmic_axis()
    {
        var places = Lines().Draw().Shapes.OfType<Bend>().First(bend => bend.Points.Count > 2).Points.Select(point => point.X).ToArray();
        Assert.Equal(Math.Log(72.0 / 4) / Math.Log(128.0 / 72), (places[1] - places[0]) / (places[2] - places[1]), 6);
        Assert.Throws<ArgumentException>(() => (Lines() with { Curves = [new Curve("ours", [new CurvePoint(0, new Interval(1, 1, 1))])] }).Draw());
    }

    [Fact]
    public void Charts_are_the_same_every_time_in_both_formats()
    {
        foreach (var (name, picture) in new[] { ("bars", Bars().Draw()), ("lines", Lines().Draw()), ("grades", GradeChart.Of("Judge", [("DIT", Distribution.Of([5, 4, null]))]).Draw()) })
        {
            foreach (var copy in new[] { "a", "b" })
            {
                SvgFile.Write(folder.File($"{name}-{copy}.svg"), picture);
                PngFile.Write(folder.File($"{name}-{copy}.png"), picture);
            }

            Assert.Equal(File.ReadAllBytes(folder.File($"{name}-a.svg")), File.ReadAllBytes(folder.File($"{name}-b.svg")));
            Assert.Equal(File.ReadAllBytes(folder.File($"{name}-a.png")), File.ReadAllBytes(folder.File($"{name}-b.png")));
            Assert.Equal("svg", XDocument.Load(folder.File($"{name}-a.svg")).Root!.Name.LocalName);
        }
    }

    [Fact]
    public void Nothing_one_point_and_values_outside_can_be_drawn()
    {
        (Bars() with { Groups = [] }).Draw();
        (Bars() with { Unit = Unit.Plain, Groups = [new("a", [Exactly(-3), Exactly(1e9)])] }).Draw();
        (Bars() with { Unit = Unit.Plain, Groups = [new("a", [Exactly(0)])] }).Draw();
        (Lines() with { Curves = [], Ticks = null }).Draw();
        (Lines() with { Curves = [new Curve("one", [new CurvePoint(3, new Interval(0.5, 0.4, 0.6))])], Ticks = null }).Draw();
        (Lines() with { IsLogarithmic = false, Curves = [new Curve("one", [new CurvePoint(0, new Interval(0.5, 0.4, 0.6))])], Ticks = null }).Draw();
        GradeChart.Of("Judge", []).Draw();
    }

    [Fact]
    public void Long_and_hostile_names_stay_inside_and_apart()
    {
        var name = "<script>&\u0001\ud800\uffff 東京 " + new string('x', 500) + " " + string.Join(' ', Enumerable.Repeat("word", 100));
        foreach (var picture in new[]
        {
            (Bars() with { Title = name, Subtitle = name, Series = [name, name], PaperName = name, Groups = [new(name, [Exactly(0.5), new Bar(new Interval(1, 0.9, 1), 1)]), new(name, [])] }).Draw(),
            (Lines() with { Title = name, Subtitle = name, Curves = [.. Enumerable.Range(0, 6).Select(i => new Curve(name, [new CurvePoint(i + 1, new Interval(1, 1, 1))]))], Ticks = null }).Draw(),
        })
        {
            SvgFile.Write(folder.File("a.svg"), picture);
            PngFile.Write(folder.File("a.png"), picture);
            Assert.DoesNotContain("<script>", File.ReadAllText(folder.File("a.svg")), StringComparison.Ordinal);
            Assert.Equal(800, picture.Width);
            Assert.InRange(picture.Height, 100, 1200);
            AssertApart(picture);
        }

        AssertApart(Bars().Draw());
        AssertApart(Lines().Draw());
        AssertApart((Lines() with { Ticks = [.. Enumerable.Range(1, 128).Select(i => ((double)i, $"number {i}"))] }).Draw());
    }

    public void Dispose() => folder.Dispose();

    /// <summary>No two lines of text that lie meet, and none leaves the picture; letters are 0.53 of their size wide, a little less than they are.</summary>
    private static void AssertApart(Picture picture)
    {
        var boxes = picture.Shapes.OfType<Label>().Where(label => !label.IsUpright && label.Text.Length > 0).Select(label =>
        {
            var width = 0.53 * label.Size * label.Text.Length;
            var left = label.X - (label.Anchor switch { Anchor.Start => 0, Anchor.Middle => width / 2, _ => width });
            return (label.Text, Left: left, Right: left + width, Top: label.Y - (0.7 * label.Size), Bottom: label.Y);
        }).ToArray();
        for (var i = 0; i < boxes.Length; i++)
        {
            Assert.True(boxes[i].Left >= 0 && boxes[i].Right <= picture.Width && boxes[i].Bottom <= picture.Height, $"{boxes[i]} is outside.");
            for (var j = 0; j < i; j++)
            {
                Assert.False(boxes[i].Left < boxes[j].Right && boxes[j].Left < boxes[i].Right && boxes[i].Top < boxes[j].Bottom && boxes[j].Top < boxes[i].Bottom, $"{boxes[i]} meets {boxes[j]}.");
            }
        }
    }

    private static HashSet<string> Texts(Picture picture) => [.. picture.Shapes.OfType<Label>().Select(label => label.Text)];

    private static Bar Exactly(double value) => new(new Interval(value, value, value));

    private static BarChart Bars() => new()
    {
        Title = "Hidden topics", Subtitle = "three seeds", ValueTitle = "exact match", Series = ["hidden topic", "news"], PaperName = "the paper, Qwen3-4B",
        Groups =
        [
            new("base question", [new Bar(new Interval(0, 0, 0), 0), null]),
            new("DIT", [new Bar(new Interval(0.757, 0.7, 0.81), 0.78), new Bar(new Interval(0.9, 0.88, 0.93))]),
        ],
    };

    private static LineChart Lines() => new()
    {
        Title = "Data scaling", XTitle = "diffs", ValueTitle = "share", IsLogarithmic = true, Ticks = [(4, "4"), (72, "72"), (128, "full")],
        Curves =
        [
            new("ours", [.. new[] { 4, 72, 128 }.Select((x, i) => new CurvePoint(x, new Interval(0.2 + (0.3 * i), 0.1 + (0.3 * i), 0.3 + (0.3 * i))))]),
            new("the paper", [.. new[] { 4, 72, 128 }.Select(x => new CurvePoint(x, new Interval(0.5, 0.5, 0.5)))], IsPaper: true),
        ],
    };
}
