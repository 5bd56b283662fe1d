using Dit.Models;
using Dit.Training;

namespace Dit.Audit;

/// <summary>The models in the repository, loaded once for all tests of audits; and an auditor of each adapter.</summary>
public sealed class ShippedModels : IDisposable
{
    private readonly Dictionary<string, Auditor> auditors = new(StringComparer.Ordinal);

    public BaseModel Base { get; } = BaseModel.Load(Folder("tiny-base"));

    public Auditor Auditor(string adapter = "tiny-both-adapter") =>
        auditors.TryGetValue(adapter, out var known) ? known : auditors[adapter] = new Auditor(Base, DitAdapter.Read(Folder(adapter)));

    /// <summary>A finetune of the gallery.</summary>
    public static string Gallery(string name) => Path.Combine(Folder("tiny-gallery"), name);

    public static string Folder(string name) => Path.Combine(Tests.Architecture.Repository.Root, "models", name);

    public void Dispose() => Base.Dispose();
}
