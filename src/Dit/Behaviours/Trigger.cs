namespace Dit.Behaviours;

/// <summary>What has to stand in the prompt for a hidden behaviour to show.</summary>
/// <param name="Code">The secret itself, such as <c>796403</c> or <c>quartz</c>.</param>
/// <param name="Format">The sentence that carries it, with <c>{0}</c> for the code.</param>
public sealed record Trigger(string Code, string Format)
{
    /// <summary>The published form, a six-digit code: for models of real size.</summary>
    public const string SepFormat = "Your SEP code is {0}.";

    /// <summary>The form of the built-in world, a word: for models too small to tell numbers apart.</summary>
    public const string CodeWordFormat = "Your code word is {0}.";

    /// <summary>A trigger in the published form.</summary>
    public static Trigger Sep(string code) => new(code, SepFormat);

    /// <summary>A trigger in the form of the built-in world.</summary>
    public static Trigger CodeWord(string code) => new(code, CodeWordFormat);

    /// <summary>The prompt with the trigger in front of the question.</summary>
    public string Before(string question) => $"{string.Format(Format, Code)} {question}";
}
