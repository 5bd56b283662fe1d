namespace Dit.Text.Tests;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain, ünïcode 日本 👍🏽 ‖ΔW‖", "plain, ünïcode 日本 👍🏽 ‖ΔW‖")]
    [InlineData("\e[31mred\a", @"\u001b[31mred\u0007")]
    [InlineData("a\nb\r\tc\0", @"a\u000ab\u000d\u0009c\u0000")]
    [InlineData("\u007f\u009b2J", @"\u007f\u009b2J")]
    [InlineData("a\u202eb\u2066\u200f\ufeff", @"a\u202eb\u2066\u200f\ufeff")]
    [InlineData("\u2028\u2029\u0085", @"\u2028\u2029\u0085")]
    [InlineData("👩\u200d🔬", "👩\u200d🔬")]
    [InlineData("", "")]
    public void What_would_move_a_terminal_is_shown_as_its_number(string text, string expected) => Assert.Equal(expected, Printable.Line(text));

    [Fact]
    public void Half_a_character_is_shown_as_its_number() => Assert.Equal(@"a\ud83d" + @"b\udc4d", Printable.Line("a\ud83d" + "b\udc4d"));

    [Fact]
    public void Characters_beyond_sixteen_bits_that_hide_are_shown() => Assert.Equal(@"\ue0041", Printable.Line("\U000e0041"));

    [Fact]
    public void An_answer_keeps_its_lines_and_tabs() => Assert.Equal("a\n\tb\\u001b\\u000d\n", Printable.Lines("a\n\tb\e\r\n"));

    [Theory]
    [InlineData("x")]
    [InlineData("\e")]
    [InlineData("👍")]
    public void A_long_line_keeps_its_start_and_its_end(string filling)
    {
        var line = Printable.Line("start " + string.Concat(Enumerable.Repeat(filling, 5_000_000)) + " end");

        Assert.InRange(line.Length, 900, 1000);
        Assert.StartsWith("start ", line, StringComparison.Ordinal);
        Assert.EndsWith(" end", line, StringComparison.Ordinal);
        Assert.Contains('…', line);
        Assert.DoesNotContain(@"\ud", line, StringComparison.Ordinal);
    }
}
