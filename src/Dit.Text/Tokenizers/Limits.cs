using Dit.Json;

namespace Dit.Text.Tokenizers;

/// <summary>Bounds that no published tokenizer comes near, so that a hostile one neither hangs the program nor fills its memory.</summary>
internal static class Limits
{
    private const int Steps = 64, Replacement = 32, Growth = 16, Free = 1 << 16;

    /// <summary>Makes sure that a section has not too many steps.</summary>
    public static void Check<T>(List<T> steps, JsonPart part)
    {
        if (steps.Count > Steps)
        {
            throw part.Unsupported($"a sequence of more than {Steps} steps");
        }
    }

    /// <summary>What is put in place of something else or before it, which has to be short.</summary>
    public static string ReplacementOf(JsonPart part) => part.Text() is { Length: <= Replacement } text
        ? text
        : throw part.Unsupported($"a replacement of more than {Replacement} characters");

    /// <summary>Makes sure that a text has not grown out of proportion.</summary>
    public static void CheckGrowth(long before, long after, string file)
    {
        if (after > (before * Growth) + Free)
        {
            throw new DitException($"{file}: expected steps that keep a text about as long as it is, found {before} characters grown to {after}");
        }
    }
}
