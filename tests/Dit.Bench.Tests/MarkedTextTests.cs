namespace Dit.Bench;

public sealed class MarkedTextTests
{
    private const string Document = "Before\n<!-- tiny -->\nold\nolder\n<!-- end tiny -->\nbetween\n<!-- flat -->\n<!-- end flat -->\nafter\n";

    [Fact]
    public void Only_what_stands_between_the_marks_is_replaced()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("doc.md"), Document);

        MarkedText.Fill(folder.File("doc.md"), "tiny", "new\nlines\n");

        Assert.Equal("Before\n<!-- tiny -->\nnew\nlines\n<!-- end tiny -->\nbetween\n<!-- flat -->\n<!-- end flat -->\nafter\n", File.ReadAllText(folder.File("doc.md")));
    }

    [Theory]
    [InlineData("", "no such line")]
    [InlineData("<!-- tiny -->\n", "no such end")]
    [InlineData("<!-- end tiny -->\n<!-- tiny -->\n", "no such end")]
    public void A_document_without_the_marks_is_refused(string document, string found)
    {
        Assert.EndsWith($"found {found}", Assert.Throws<DitException>(() => MarkedText.Filled(document, "doc.md", "tiny", "new")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_that_is_not_there_is_refused()
    {
        Assert.Equal("no/doc.md: expected a document to write to, found no such file", Assert.Throws<DitException>(() => MarkedText.Fill("no/doc.md", "tiny", "new")).Message);
    }
}
