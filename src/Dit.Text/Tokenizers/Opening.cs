namespace Dit.Text.Tokenizers;

/// <summary>What a stretch of text follows. Some tokenizers put a mark before a word that nothing precedes.</summary>
internal enum Opening
{
    /// <summary>Nothing: the text begins here.</summary>
    Text,

    /// <summary>An added token, which many tokenizers take for a beginning too.</summary>
    AddedToken,

    /// <summary>A text that was encoded before: nothing begins here.</summary>
    Continued,
}
