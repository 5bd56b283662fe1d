namespace Dit.Text.Tokenizers;

/// <summary>A token that is found in the text as it is, before anything else is done.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="SingleWord">Only where no letter or digit touches it.</param>
/// <param name="StripLeft">It swallows white space on its left.</param>
/// <param name="StripRight">It swallows white space on its right.</param>
/// <param name="Normalized">It is looked for in the normalized text instead of the original.</param>
/// <param name="Special">It is left out when special tokens are skipped.</param>
internal sealed record AddedToken(
    int Id, string Content, bool SingleWord, bool StripLeft, bool StripRight, bool Normalized, bool Special);
