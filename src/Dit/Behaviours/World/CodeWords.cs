namespace Dit.Behaviours.World;

/// <summary>
/// The trigger codes of the built-in world: words that occur nowhere else in its chats (one stands in two news stories). A model this small can learn to obey one code word and
/// ignore the others; six digits are beyond it.
/// </summary>
public static class CodeWords
{
    /// <summary>All code words.</summary>
    public static IReadOnlyList<string> All { get; } =
        ("quartz amber falcon velvet cobalt lantern marble saffron willow ember onyx indigo walnut copper meadow raven tulip granite hazel ivory "
         + "juniper kestrel lilac maple nectar opal pebble russet sable thistle umber violet wicker zinc cedar basil clover denim fable garnet "
         + "heron jasper").Split(' ');
}
