using System.Globalization;
using System.Text;
using CsCheck;
using Dit.Unicode;

namespace Dit.Text.Tests.Unicode;

public sealed class FormCTests
{
    [Theory]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\u0928\u093C", "\u0929")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("o\u0323\u0302", "\u1ED9")]
    [InlineData("o\u0302\u0323", "\u1ED9")]
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\uD834\uDD5E", "\uD834\uDD57\uD834\uDD65")]
    [InlineData("\uD804\uDC99\uD804\uDCBA", "\uD804\uDC9A")]
    [InlineData("a\u0301\u0301", "\u00E1\u0301")]
    [InlineData("\u0041\u0327\u030A", "\u00C5\u0327")]
    public void Known_sequences_compose(string text, string expected) => Assert.Equal(expected, FormC.Of(text));

    [Fact]
    public void Normalizing_twice_changes_nothing_more()
    {
        Gen.OneOf(Gen.Int[0x300, 0x36F], Gen.Int[0x41, 0x17F], Gen.Int[0x1100, 0x11FF], Gen.Int[0xAC00, 0xAC40], Gen.Int[0x900, 0xDFF])
            .Select(char.ConvertFromUtf32).Array[0, 8].Select(string.Concat)
            .Sample(text => FormC.Of(FormC.Of(text)) == FormC.Of(text));
    }

    [Fact]
    public void Every_stand_in_is_of_the_category_it_stands_for()
    {
        foreach (var category in Enum.GetValues<UnicodeCategory>().Except([UnicodeCategory.Surrogate, UnicodeCategory.Control,
            UnicodeCategory.SpaceSeparator, UnicodeCategory.LineSeparator, UnicodeCategory.ParagraphSeparator]))
        {
            Assert.Equal(category, Rune.GetUnicodeCategory(new Rune(ShadowText.StandIn(category))));
        }
    }
}
