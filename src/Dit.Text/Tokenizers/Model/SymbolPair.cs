namespace Dit.Text.Tokenizers.Model;

/// <summary>Two neighbouring symbols, by id.</summary>
internal readonly record struct SymbolPair(int Left, int Right)
{
    // Ids are small and dense: without mixing, most pairs would share their hash with others.
    public override int GetHashCode() => (int)((((uint)Left * 0x9E3779B1) ^ (uint)Right) * 0x85EBCA6B);
}
