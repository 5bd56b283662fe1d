using Dit.Text;

namespace Dit.Server.Generation;

/// <summary>
/// The text of an answer, piece by piece as its tokens come. Only what no later token can change is handed out, so no piece ends in the middle of a character and
/// all pieces together are the text of all tokens.
/// </summary>
internal sealed class TextPieces(Tokenizer tokenizer)
{
    private const char Unfinished = '\uFFFD';

    // What might come next: an ordinary token, and a byte that is none of a character, which in some vocabularies spoils those before it.
    private readonly int[] continuations = [.. new[] { tokenizer.TokenId("a"), tokenizer.TokenId("<0xFF>") }.OfType<int>()];

    // From the last token on whose text was all certain; it stays as what a decoder looks back at, such as whether a space stands at the beginning.
    private readonly List<int> ids = [];
    private int given;

    /// <summary>The text that is certain with one more token; may be empty.</summary>
    public string Add(int id)
    {
        ids.Add(id);
        var text = Text(ids);
        var certain = text.Length;
        foreach (var next in continuations)
        {
            certain = Math.Min(certain, text.AsSpan().CommonPrefixLength(Text([.. ids, next])));
        }

        while (certain > 0 && (text[certain - 1] == Unfinished || char.IsHighSurrogate(text[certain - 1])))
        {
            certain--;
        }

        var piece = Upto(text, certain);
        if (certain == text.Length && ids.Count > 1 && Text([id]) is { Length: > 0 } alone)
        {
            ids.RemoveRange(0, ids.Count - 1);
            given = alone.Length;
        }

        return piece;
    }

    /// <summary>What is left when no more tokens come.</summary>
    public string Rest()
    {
        var text = Text(ids);
        return Upto(text, text.Length);
    }

    private string Text(IReadOnlyList<int> tokens) => tokenizer.Decode(tokens, skipSpecialTokens: true);

    private string Upto(string text, int end)
    {
        if (end <= given)
        {
            return "";
        }

        var piece = text[given..end];
        given = end;
        return piece;
    }
}
