namespace Dit.Text.Tokenizers.PreTokenizers;

/// <summary>Where <see cref="Metaspace"/> puts a mark in front.</summary>
internal enum PrependScheme
{
    /// <summary>Before every piece.</summary>
    Always,

    /// <summary>Before the one piece that the text begins with.</summary>
    First,

    /// <summary>Nowhere.</summary>
    Never,
}
