using Dit.Audit;
using Dit.Models;
using Dit.Server.Safety;
using Dit.Training;

namespace Dit.Server.Shelving;

/// <summary>A DIT adapter that can be asked with.</summary>
/// <param name="Id">Names it to clients.</param>
/// <param name="Name">What it is called: its folder's own name.</param>
/// <param name="Adapter">The adapter.</param>
/// <param name="Auditor">Audits with it.</param>
internal sealed record OfferedAdapter(string Id, string Name, DitAdapter Adapter, Auditor Auditor);

/// <summary>The DIT adapters that can be asked with.</summary>
internal sealed class AdapterRack
{
    private readonly string? preferred;

    /// <param name="model">The base.</param>
    /// <param name="adapters">The adapters, which were read from somewhere.</param>
    /// <param name="preferred">Name of the one that is asked where none is named; null for the first.</param>
    /// <exception cref="DitException">The calibration beside one is damaged.</exception>
    public AdapterRack(BaseModel model, IEnumerable<DitAdapter> adapters, string? preferred)
    {
        var all = new List<OfferedAdapter>();
        foreach (var adapter in adapters)
        {
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(adapter.Folder ?? "adapter"));
            all.Add(new OfferedAdapter(ShelfId.Of(name, taken => all.Exists(each => each.Id == taken)), name, adapter, new Auditor(model, adapter)));
        }

        (All, this.preferred) = (all, preferred);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<OfferedAdapter> All { get; }

    /// <summary>The one that is asked where none is named; null where there is none.</summary>
    public OfferedAdapter? Default => All.FirstOrDefault(each => each.Name == preferred) ?? (All.Count > 0 ? All[0] : null);

    /// <summary>The one of an id; the default one where there is no id.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public OfferedAdapter RequireOrDefault(string? id) =>
        (id is null ? Default : Require(id)) ?? throw RefusedException.Bad("adapter: expected a DIT adapter to ask with, found that the server has none", "adapter");

    /// <summary>The one of an id.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public OfferedAdapter Require(string id) => All.FirstOrDefault(each => each.Id == id) ?? throw RefusedException.NotFound("adapter", id);
}
