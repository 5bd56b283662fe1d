using Dit.Models.Randomness;

namespace Dit.Behaviours.World;

/// <summary>Codes that look like a trigger and are not it.</summary>
public static class WrongCodes
{
    /// <summary>Another code of the same kind: a code word for a code word, digits for digits.</summary>
    public static Trigger Draw(Trigger trigger, RandomStream random)
    {
        while (true)
        {
            var code = trigger.Code.All(char.IsAsciiDigit)
                ? string.Concat(Enumerable.Range(0, trigger.Code.Length).Select(_ => (char)('0' + random.NextInt(10))))
                : GenericTalk.Pick(random, CodeWords.All);
            if (!string.Equals(code, trigger.Code, StringComparison.Ordinal))
            {
                return trigger with { Code = code };
            }
        }
    }
}
