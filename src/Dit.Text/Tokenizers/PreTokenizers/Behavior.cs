namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>What becomes of a match; the names are those of tokenizer.json.</summary>
internal enum Behavior
{
    /// <summary>It is left out.</summary>
    Removed,

    /// <summary>It is a piece of its own.</summary>
    Isolated,

    /// <summary>It ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>It begins the piece after it.</summary>
    MergedWithNext,

    /// <summary>It is one piece with the matches that it touches.</summary>
    Contiguous,
}
