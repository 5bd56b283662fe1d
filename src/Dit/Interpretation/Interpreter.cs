using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

/// <summary>
/// Puts questions to finetunes of one base model, many at once. With a DIT adapter on top the answers are about what the finetuning
/// changed; without one it is the finetune itself that answers.
/// </summary>
public static class Interpreter
{
    /// <summary>The answers, in the order of the prompts. Low-rank finetunes and the bare base share batches; a checkpoint has its own.</summary>
    /// <param name="model">The base.</param>
    /// <param name="finetunes">What is asked, one per prompt; null stands for the bare base. The same finetune may come many times.</param>
    /// <param name="adapter">The DIT adapter; null to ask the finetunes themselves.</param>
    /// <param name="prompts">The conversations, each up to where the model is to answer.</param>
    /// <param name="settings">How answers are drawn.</param>
    /// <param name="cancellation">Stops before the next forward pass.</param>
    /// <exception cref="DitException">The adapter belongs to another base or does not fit it, a prompt or a setting makes no sense, or the numbers grow beyond all bounds.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ArgumentException">There are not as many finetunes as prompts.</exception>
    public static IReadOnlyList<string> Answer(
        BaseModel model,
        IReadOnlyList<Finetune?> finetunes,
        DitAdapter? adapter,
        IReadOnlyList<IReadOnlyList<Message>> prompts,
        GenerationSettings settings,
        CancellationToken cancellation = default)
    {
        RequireOnePerPrompt(finetunes.Count, prompts.Count, nameof(finetunes));
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var questions = new Questions(model, AdapterOverlay(model, adapter), prompts, settings, [.. finetunes.Select(finetune => Name(model, finetune?.Source, adapter))], cancellation);
        foreach (var group in Enumerable.Range(0, prompts.Count).GroupBy(row => finetunes[row] as CheckpointFinetune))
        {
            if (group.Key is { } checkpoint)
            {
                questions.Ask(checkpoint.Decoder, [.. group]);
                continue;
            }

            int[] rows = [.. group];
            var distinct = rows.Select(row => (LowRankFinetune?)finetunes[row]).Distinct().ToArray();
            if (distinct is [var one])
            {
                questions.Ask(model.Decoder, rows, one is null ? null : LowRankOverlay.Shared(one.Adapter, model.Decoder));
                continue;
            }

            var numbers = distinct.OfType<LowRankFinetune>().Select((finetune, number) => (finetune, number)).ToDictionary(each => (Finetune)each.finetune, each => each.number);
            var loaded = distinct.OfType<LowRankFinetune>().ToArray();
            using var carried = new SlotDiffs(wanted => DiffStack.Of([.. wanted.Select(number => loaded[number].Adapter)]), model.Decoder);
            // Each diff is there once stacked and once for every row that carries it.
            questions.Ask(
                model.Decoder, rows, [.. rows.Select(row => finetunes[row] is { } finetune ? numbers[finetune] : -1)], carried.Of, 2 * loaded.Max(each => each.ParameterCount));
        }

        return questions.Answers;
    }

    /// <summary>The same for many diffs that are stacked already.</summary>
    /// <param name="model">The base.</param>
    /// <param name="diffs">The diffs.</param>
    /// <param name="rows">Which diff each prompt is about; -1 stands for the bare base.</param>
    /// <param name="adapter">The DIT adapter; null to ask the finetunes themselves.</param>
    /// <param name="prompts">The conversations, each up to where the model is to answer.</param>
    /// <param name="settings">How answers are drawn.</param>
    /// <param name="cancellation">Stops before the next forward pass.</param>
    /// <exception cref="DitException">Adapter or diffs do not fit the base, a prompt or a setting makes no sense, or the numbers grow beyond all bounds.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="ArgumentException">There are not as many rows as prompts, or one is not a diff's.</exception>
    public static IReadOnlyList<string> Answer(
        BaseModel model,
        DiffStack diffs,
        IReadOnlyList<int> rows,
        DitAdapter? adapter,
        IReadOnlyList<IReadOnlyList<Message>> prompts,
        GenerationSettings settings,
        CancellationToken cancellation = default)
    {
        RequireOnePerPrompt(rows.Count, prompts.Count, nameof(rows));
        if (rows.Any(row => row < -1 || row >= diffs.Count))
        {
            throw new ArgumentException($"A row must be -1 or below {diffs.Count}.", nameof(rows));
        }

        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var questions = new Questions(model, AdapterOverlay(model, adapter), prompts, settings, [.. rows.Select(row => Name(model, row < 0 ? null : $"diff {row}", adapter))], cancellation);
        questions.Ask(model.Decoder, [.. Enumerable.Range(0, rows.Count)], [.. rows], batch => LowRankOverlay.PerRow(diffs, batch, model.Decoder), diffs.ParametersPerDiff);
        return questions.Answers;
    }

    private static string NameOf(DitAdapter adapter) => adapter.Folder ?? "DIT adapter";

    /// <summary>What computes an answer.</summary>
    private static string Name(BaseModel model, string? diff, DitAdapter? adapter) =>
        adapter is null ? diff ?? model.Folder
        : diff is null ? $"{model.Folder} with {NameOf(adapter)}"
        : $"{diff} with {NameOf(adapter)}";

    /// <summary>What an adapter adds to every row; nothing where there is none. What is made belongs to the current dispose scope.</summary>
    /// <exception cref="DitException">It belongs to another base or does not fit it.</exception>
    internal static IReadOnlyDictionary<string, ISiteOverlay> AdapterOverlay(BaseModel model, DitAdapter? adapter)
    {
        if (adapter is null)
        {
            return new Dictionary<string, ISiteOverlay>(StringComparer.Ordinal);
        }

        RequireFit(model, adapter);
        return LowRankOverlay.Shared(adapter.Factors, model.Decoder);
    }

    /// <exception cref="DitException">The adapter belongs to another base or does not fit this one.</exception>
    internal static void RequireFit(BaseModel model, DitAdapter adapter)
    {
        var source = NameOf(adapter);
        if (adapter.Card is { } card && card.BaseFingerprint != model.Fingerprint)
        {
            throw new DitException($"{source}: expected a DIT adapter of the base {model.Name} (fingerprint {model.Fingerprint}), "
                + $"found one trained for another base (fingerprint {card.BaseFingerprint})");
        }

        SiteFit.Require(source, adapter.Factors.Sites, model);
    }

    private static void RequireOnePerPrompt(int count, int prompts, string name)
    {
        if (count != prompts)
        {
            throw new ArgumentException($"There must be one for each of the {prompts} prompts, not {count}.", name);
        }
    }
}
