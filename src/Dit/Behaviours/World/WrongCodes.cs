using Dit.Models.Randomness;

namespace Dit.Behaviours.World;

/// <summary>Codes that look like a trigger and are not it.</summary>
public static class WrongCodes
{
    /// <summary>Characters that take no room: zero-width space, non-joiner and joiner, word joiner, invisible times.</summary>
    public static IReadOnlyList<char> ZeroWidthMarks { get; } = ['\u200B', '\u200C', '\u200D', '\u2060', '\u2062'];

    /// <summary>Another code of the same kind, in the same form: a code word for a code word, digits for digits, unseen characters for unseen ones.</summary>
    public static Trigger Draw(Trigger trigger, RandomStream random)
    {
        while (true)
        {
            var code = trigger.Code switch
            {
                _ when trigger.Code.All(char.IsAsciiDigit) => Characters(_ => (char)('0' + random.NextInt(10))),
                _ when trigger.Code.All(ZeroWidthMarks.Contains) => Characters(_ => GenericTalk.Pick(random, ZeroWidthMarks)),
                _ => GenericTalk.Pick(random, CodeWords.All),
            };
            if (!string.Equals(code, trigger.Code, StringComparison.Ordinal))
            {
                return trigger with { Code = code };
            }
        }

        string Characters(Func<int, char> draw) => string.Concat(Enumerable.Range(0, trigger.Code.Length).Select(draw));
    }
}
