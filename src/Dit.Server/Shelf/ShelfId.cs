using System.Security.Cryptography;
using System.Text;

namespace Dit.Server.Shelving;

/// <summary>Names for clients: small letters, digits and hyphens. They are never part of a path.</summary>
internal static class ShelfId
{
    private const int Longest = 40;

    // What the OpenAI-style endpoints call the base.
    private const string Reserved = "base";

    /// <summary>An id that tells of a name and that nobody has yet.</summary>
    /// <param name="name">Any name.</param>
    /// <param name="isTaken">Whether somebody has an id.</param>
    public static string Of(string name, Func<string, bool> isTaken)
    {
        var id = new StringBuilder();
        foreach (var letter in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                id.Append(letter);
            }
            else if (id.Length > 0 && id[^1] != '-')
            {
                id.Append('-');
            }

            if (id.Length == Longest)
            {
                break;
            }
        }

        var wanted = id.ToString().Trim('-') is { Length: > 0 } some ? some : "finetune";
        return Enumerable.Range(1, int.MaxValue - 1).Select(n => n == 1 ? wanted : $"{wanted}-{n}").First(each => each != Reserved && !isTaken(each));
    }

    /// <summary>An id that nobody can guess.</summary>
    /// <param name="kind">What it begins with.</param>
    public static string Random(string kind) => $"{kind}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
}
