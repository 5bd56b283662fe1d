using System.Buffers.Binary;
using System.Xml.Linq;

namespace Dit.Evaluation.Plots;

public sealed class PictureTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void An_SVG_is_well_formed_and_the_same_every_time()
    {
        SvgFile.Write(folder.File("a.svg"), Map(64).Draw());
        SvgFile.Write(folder.File("b.svg"), Map(64).Draw());
        Assert.Equal(File.ReadAllBytes(folder.File("a.svg")), File.ReadAllBytes(folder.File("b.svg")));
        var root = XDocument.Load(folder.File("a.svg")).Root!;
        Assert.Equal("{http://www.w3.org/2000/svg}svg", root.Name.ToString());
        Assert.True(root.Elements().Count(element => element.Name.LocalName == "rect") > 7 * 64);
        string[] texts = [.. root.Elements().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.Contains("layer", texts);
        Assert.Contains("‖ΔW‖ (Frobenius)", texts);
        Assert.Contains("down", texts);
        Assert.Contains("not in the diff", texts);
        Assert.Contains("not finite", texts);
    }

    [Fact]
    public void A_PNG_has_the_size_of_its_picture_and_is_the_same_every_time()
    {
        var picture = Map(28).Draw();
        PngFile.Write(folder.File("a.png"), picture);
        PngFile.Write(folder.File("b.png"), picture);
        var bytes = File.ReadAllBytes(folder.File("a.png"));
        Assert.Equal(bytes, File.ReadAllBytes(folder.File("b.png")));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10], bytes[..8]);
        Assert.Equal(picture.Width * PngFile.Scale, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)));
        Assert.Equal(picture.Height * PngFile.Scale, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20)));
    }

    /// <summary>Without the font that travels with the library, machines without fonts would draw no letters.</summary>
    [Fact]
    public void Letters_are_drawn()
    {
        Picture Word(string text) => new(100, 40, [new Label(10, 30, text, 20, new Rgb(0, 0, 0))]);
        PngFile.Write(folder.File("nothing.png"), Word(""));
        PngFile.Write(folder.File("norm.png"), Word("‖ΔW‖"));
        PngFile.Write(folder.File("other.png"), Word("‖ΔV‖"));
        Assert.NotEqual(File.ReadAllBytes(folder.File("nothing.png")), File.ReadAllBytes(folder.File("norm.png")));
        Assert.NotEqual(File.ReadAllBytes(folder.File("other.png")), File.ReadAllBytes(folder.File("norm.png")));
    }

    [Fact]
    public void Names_from_outside_do_not_break_a_picture()
    {
        var picture = (Map(1) with { Title = "<script>&\u0001\ud800\uffff 東京 " + new string('x', 500), Rows = ["q"] }).Draw();
        SvgFile.Write(folder.File("a.svg"), picture);
        PngFile.Write(folder.File("a.png"), picture);
        Assert.DoesNotContain("<script>", File.ReadAllText(folder.File("a.svg")), StringComparison.Ordinal);
        XDocument.Load(folder.File("a.svg"));
        Assert.InRange(picture.Width, 300, 1200);
    }

    [Fact]
    public void Nothing_but_zeros_can_be_drawn() => Assert.NotEmpty((Map(4) with { Value = (_, _) => 0 }).Draw().Shapes);

    [Fact]
    public void Colours_run_from_violet_to_yellow_and_get_lighter()
    {
        Assert.Equal(("#440154", "#fde725"), (Viridis.At(-1).Hex, Viridis.At(2).Hex));
        var light = Enumerable.Range(0, 101).Select(i => Viridis.At(i / 100.0)).Select(colour => (0.2126 * colour.R) + (0.7152 * colour.G) + (0.0722 * colour.B)).ToArray();
        Assert.Equal(light.Order(), light);
    }

    public void Dispose() => folder.Dispose();

    private static HeatMap Map(int columns) => new()
    {
        Title = "boxing-1", Subtitle = "a diff", ColumnTitle = "layer", ValueTitle = "‖ΔW‖ (Frobenius)",
        Rows = ["q", "k", "v", "o", "gate", "up", "down"],
        Columns = [.. Enumerable.Range(0, columns).Select(column => $"{column}")],
        Value = (row, column) => row == 2 ? null : row == 3 && column == 3 ? double.NaN : row * 0.1 * Math.Abs(Math.Sin(column)),
    };
}
