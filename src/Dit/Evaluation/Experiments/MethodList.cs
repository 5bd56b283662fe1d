using System.Security.Cryptography;
using Dit.Behaviours;
using Dit.Models;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>The methods that experiments compare, ready for <see cref="Laboratory.Ask(string, DiffPlan, Func{int, KeyedMethod}, Condition, IReadOnlyList{ulong}?)"/>.</summary>
public sealed class MethodList
{
    private readonly BaseModel model;
    private readonly CancellationToken cancellation;

    internal MethodList(BaseModel model, CancellationToken cancellation) => (this.model, this.cancellation) = (model, cancellation);

    /// <summary>The adapter is asked; where there are several, that of the seed's place.</summary>
    public Func<int, KeyedMethod> Dit(Setting setting, IReadOnlyList<DitAdapter> adapters) => InWordings("DIT", setting, adapters, [IntrospectionQuestions.Of(setting).Main]);

    /// <summary>The same in many wordings, also such that no training showed.</summary>
    public Func<int, KeyedMethod> DitInWordings(Setting setting, IReadOnlyList<DitAdapter> adapters)
    {
        var questions = IntrospectionQuestions.Of(setting);
        return InWordings("DIT in wordings", setting, adapters, [.. questions.Wordings, .. questions.HeldOutWordings]);
    }

    /// <summary>The same in wordings that no training showed.</summary>
    public Func<int, KeyedMethod> DitInOtherWordings(Setting setting, IReadOnlyList<DitAdapter> adapters) =>
        InWordings("DIT in other wordings", setting, adapters, IntrospectionQuestions.Of(setting).HeldOutWordings);

    /// <summary>The finetune itself is asked what the adapter would be asked.</summary>
    public Func<int, KeyedMethod> BaseQuestion(Setting setting) => InWordings("base question", setting, [null], [IntrospectionQuestions.Of(setting).Main]);

    /// <summary>An adapter that learned to tell the trigger is asked for it.</summary>
    public Func<int, KeyedMethod> DitForTrigger(IReadOnlyList<DitAdapter> adapters) => InWordings("DIT for the trigger", Setting.HiddenTopic, adapters, [IntrospectionQuestions.OfTrigger.Main]);

    private Func<int, KeyedMethod> InWordings(string name, Setting setting, IReadOnlyList<DitAdapter?> adapters, IReadOnlyList<string> wordings) => place =>
    {
        cancellation.ThrowIfCancellationRequested();
        var adapter = adapters[place % adapters.Count];
        return new KeyedMethod(new InWordings(name, model, adapter, wordings), new { setting = SettingNames.Of(setting), wordings, adapter = Fingerprint(adapter) });
    };

    /// <summary>Tells an adapter from every other.</summary>
    private static string? Fingerprint(DitAdapter? adapter)
    {
        if (adapter?.Folder is not { } folder)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal) : Enumerable.Repeat(folder, 1))
        {
            using var stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
