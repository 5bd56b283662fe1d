using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>Why an answer is over.</summary>
public enum LiveEndReason
{
    /// <summary>It ended itself.</summary>
    Stop,

    /// <summary>It reached its limit, or the model's positions.</summary>
    Length,

    /// <summary>It could not be gone on with.</summary>
    Failed,
}

/// <summary>How an answer ended.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Failure">What went wrong, in one sentence; null where nothing did.</param>
/// <param name="Cause">What was thrown, for whoever looks for the reason; null where nothing was.</param>
public sealed record LiveEnd(LiveEndReason Reason, string? Failure = null, Exception? Cause = null);

/// <summary>One prompt in a <see cref="LiveGeneration"/>, what is added to the model for it, and as much of its answer as there is.</summary>
public sealed class LiveRow
{
    private readonly List<int> answer = [];

    /// <summary>A row that is to be answered; everything about it is looked at here, so that a bad one never meets the others.</summary>
    /// <param name="model">The model that is to answer.</param>
    /// <param name="prompt">Token ids, at least one.</param>
    /// <param name="settings">How its answer is drawn; without a contrast.</param>
    /// <param name="randomness">What it draws from.</param>
    /// <param name="diff">Low-rank factors that only this row has, by site; null for none. They are copied when the row joins.</param>
    /// <param name="strength">By what the diff is multiplied.</param>
    /// <param name="adapter">
    /// Low-rank factors that any number of rows may have, by site; null for none. Rows of the same dictionary share them uncopied, while they are there.
    /// </param>
    /// <exception cref="DitException">
    /// The prompt is empty, has an unknown token or is too long, a setting makes no sense, or factors do not fit the model.
    /// </exception>
    public LiveRow(
        Decoder model,
        int[] prompt,
        GenerationSettings settings,
        RandomStream randomness,
        IReadOnlyDictionary<string, LowRankFactors>? diff = null,
        double strength = 1,
        IReadOnlyDictionary<string, LowRankFactors>? adapter = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(randomness);
        settings.Check();
        if (settings.Contrast is not null)
        {
            throw new DitException("generation: expected no Contrast where rows come and go, found one.");
        }

        if (!double.IsFinite(strength))
        {
            throw new DitException($"strength: expected a finite number, found {strength}.");
        }

        Generator.CheckPrompt(prompt, "prompt", model.Config);
        Fits(model, diff);
        Fits(model, adapter);
        (Prompt, Settings, Adapter) = (prompt, settings, adapter);
        Choice = new TokenChoice(settings.Temperature, settings.TopP, randomness);
        // At strength 0 it is not there; numbers that times 0 are none must not come in.
        (Diff, Strength) = (strength == 0 ? null : diff, strength);
        Ranks = Diff is null ? [] : Diff.ToDictionary(site => site.Key, site => (int)site.Value.A.shape[0], StringComparer.Ordinal);
        IsAsComputed = Diff is null || Diff.Values.All(pair => IsOf(model, pair.A) && IsOf(model, pair.B));
        Limit = Math.Min(settings.MaxNewTokens, model.Config.MaxPositions - prompt.Length);
        // The last token of an answer is never looked at again, so it needs no room.
        Tokens = prompt.Length + Math.Max(Limit - 1, 0);
    }

    /// <summary>The token ids of the prompt.</summary>
    public IReadOnlyList<int> Prompt { get; }

    /// <summary>The token ids of the answer so far, without the one that ended it.</summary>
    public IReadOnlyList<int> Answer => answer;

    /// <summary>How it ended; null while it goes on.</summary>
    public LiveEnd? End { get; private set; }

    /// <summary>How its answer is drawn.</summary>
    internal GenerationSettings Settings { get; }

    internal TokenChoice Choice { get; }

    internal IReadOnlyDictionary<string, LowRankFactors>? Diff { get; }

    internal double Strength { get; }

    internal IReadOnlyDictionary<string, LowRankFactors>? Adapter { get; }

    /// <summary>The rank of its diff at each site where it has one.</summary>
    internal Dictionary<string, int> Ranks { get; }

    /// <summary>Its diff is of the type and on the device that the model computes with.</summary>
    internal bool IsAsComputed { get; }

    /// <summary>Tokens of its answer at most.</summary>
    internal int Limit { get; }

    /// <summary>Tokens of which keys and values are kept at most.</summary>
    internal int Tokens { get; }

    /// <summary>How many tokens of the prompt the model has read.</summary>
    internal int Read { get; set; }

    /// <summary>All of the prompt is read: it goes on a token a pass.</summary>
    internal bool IsWriting => Read == Prompt.Count;

    /// <summary>Goes on by a token, or ends.</summary>
    internal void Take(int next, bool isFinite, IReadOnlySet<int> ends, string type)
    {
        if (!isFinite)
        {
            Finish(Settings.EndsWhereNotFinite
                ? new LiveEnd(LiveEndReason.Stop)
                : new LiveEnd(LiveEndReason.Failed, $"answer: expected finite scores, found others: the numbers grow beyond what {type} can hold, or were never finite"));
        }
        else if (ends.Contains(next))
        {
            Finish(new LiveEnd(LiveEndReason.Stop));
        }
        else
        {
            answer.Add(next);
            if (answer.Count == Limit)
            {
                Finish(new LiveEnd(LiveEndReason.Length));
            }
        }
    }

    /// <summary>Ends it where it was not taken in.</summary>
    /// <param name="failure">Why, in one sentence.</param>
    public void Refuse(string failure) => Finish(new LiveEnd(LiveEndReason.Failed, failure));

    internal void Finish(LiveEnd end) => End ??= end;

    private static bool IsOf(Decoder model, Tensor factor) =>
        factor.dtype == model.Type && factor.device_type == model.Device.type && (factor.is_cpu() || factor.device_index == model.Device.index);

    private static void Fits(Decoder model, IReadOnlyDictionary<string, LowRankFactors>? factors)
    {
        foreach (var (name, pair) in factors ?? new Dictionary<string, LowRankFactors>())
        {
            var site = model.SiteOf(name) ?? throw new DitException($"{name}: expected a linear layer of the model, found none of this name.");
            new SharedLowRank(pair.A, pair.B, pair.Scaling).CheckFits(site);
        }
    }
}
