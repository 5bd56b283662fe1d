using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dit.Evaluation.Graders;

/// <summary>A score from 1 to 5 in a judge's reply.</summary>
public static partial class Verdict
{
    /// <summary>
    /// The score: in a JSON object, on its own, or after the word score; null where there is none, several that differ, or one off the scale.
    /// </summary>
    public static int? Parse(string reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (Alone().Match(reply) is { Success: true } alone)
        {
            return OnScale(alone.Groups["score"].Value);
        }

        var scores = Objects().Matches(reply).Select(match => InObject(match.Value)).Where(score => score is not null).Distinct().ToArray();
        if (scores.Length == 0)
        {
            scores = [.. Named().Matches(reply).Select(match => (string?)match.Groups["score"].Value).Distinct()];
        }

        return scores is [{ } only] ? OnScale(only) : null;
    }

    private static string? InObject(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.TryGetProperty("score", out var score) ? score.ToString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static int? OnScale(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var score) && score is 1 or 2 or 3 or 4 or 5 ? (int)score : null;

    [GeneratedRegex(@"^\W*(?<score>\d+(\.\d+)?)(\s*/\s*5)?\W*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Alone();

    [GeneratedRegex(@"\{[^{}]*\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Objects();

    [GeneratedRegex(@"\bscore\b\W{0,8}(is\s+|of\s+)?\W{0,4}(?<score>\d+(\.\d+)?)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Named();
}
