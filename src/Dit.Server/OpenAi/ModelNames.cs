using Dit.Server.Api;
using Dit.Server.Safety;
using Dit.Server.Shelving;

namespace Dit.Server.OpenAi;

/// <summary>Names of models: <c>base</c> or a finetune's id, and <c>+ID</c> of a DIT adapter behind it where that is on top.</summary>
internal static class ModelNames
{
    private const string Base = "base";
    private const char On = '+';

    /// <summary>Everything that can be asked.</summary>
    public static IEnumerable<string> All(ServerParts parts) =>
        parts.Shelf.Entries.Select(entry => entry.Id).Prepend(Base).SelectMany(who => parts.Adapters.All.Select(adapter => $"{who}{On}{adapter.Id}").Prepend(who));

    /// <summary>Who is meant by a name.</summary>
    /// <returns>Ids of the finetune and the adapter; null for the base and for none.</returns>
    /// <exception cref="RefusedException">There is nothing of that name.</exception>
    public static (string? Finetune, string? Adapter) Find(ServerParts parts, string name)
    {
        var (who, adapter) = name.IndexOf(On) is >= 0 and var at ? (name[..at], name[(at + 1)..]) : (name, null);
        return (who == Base || parts.Shelf.Find(who) is not null) && (adapter is null || parts.Adapters.All.Any(each => each.Id == adapter))
            ? (who == Base ? null : who, adapter)
            : throw new RefusedException(
                StatusCodes.Status404NotFound, "not_found", $"model: expected base or the id of a finetune, with + and the id of a DIT adapter behind it or not, as /v1/models lists them, found {Printable.Text(name)}") { Field = "model" };
    }
}
