using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Begins forward passes: finds where their tokens stand and what they see, once for each kind of layers.</summary>
internal sealed class ForwardPasses : IDisposable
{
    private readonly ScalarType type;
    private readonly Device device;
    private readonly int? window;
    private readonly RotaryEmbedding rotary;
    private readonly RotaryEmbedding? slidingRotary;

    internal ForwardPasses(ModelConfig config, ScalarType type, Device device)
    {
        (this.type, this.device, window) = (type, device, config.SlidingWindow);
        rotary = Rotary(config.Rope);
        slidingRotary = config.SlidingRope is { } sliding && sliding != config.Rope ? Rotary(sliding) : null;
        RotaryEmbedding Rotary(RopeSettings settings) => new(settings, config.HeadSize, type, config.TurnsIn32Bits, device);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        rotary.Dispose();
        slidingRotary?.Dispose();
    }

    /// <summary>
    /// A pass over rows of so many columns, of which those are tokens that attentionMask [B,T] says, or all. They belong to the cache's
    /// <paramref name="places"/>, or to all of its rows.
    /// </summary>
    /// <exception cref="DitException">The cache is full.</exception>
    internal ForwardPass Begin(long rows, long tokens, Tensor? attentionMask, Overlays overlays, KeyValueCache? cache, int[]? places = null)
    {
        var kept = cache?.Begin(tokens, AttentionMasks.Counts(attentionMask, rows, tokens), places);
        var padding = cache is null && attentionMask is not null ? AttentionMasks.Padding(attentionMask, type) : null;
        return Of(overlays, kept, kept?.Bound ?? tokens, by => kept is null ? by.First(tokens) : by.At(kept.Positions, kept.Bound), Mask);

        Tensor? Mask(int? width)
        {
            if (kept is { GoesOn: true })
            {
                return AttentionMasks.Behind(kept.Positions, kept.Bound, width, type);
            }

            if (tokens > Decoder.LongestWithAllScores && padding is null && width is null)
            {
                return null;
            }

            var causal = AttentionMasks.Causal(tokens, width, type, device);
            return padding is null ? causal : causal.Plus(padding);
        }
    }

    /// <summary>A pass over tokens that go on from a cache in several ways.</summary>
    /// <exception cref="DitException">The cache is full.</exception>
    internal ForwardPass Begin(TokenBranches branches, Overlays overlays, KeyValueCache cache)
    {
        var kept = cache.Begin(branches);
        return Of(
            overlays, kept, kept.Bound, by => by.At(kept.Positions, kept.Bound),
            width => AttentionMasks.Branches(branches, kept.Start, kept.Positions, kept.Bound, width, type));
    }

    /// <summary>What full and sliding layers see of up to <paramref name="seen"/> tokens.</summary>
    private ForwardPass Of(Overlays overlays, CachePass? kept, long seen, Func<RotaryEmbedding, Rotation> turning, Func<int?, Tensor?> mask)
    {
        var full = new AttentionView(turning(rotary), mask(null));
        // A window as wide as the text hides nothing.
        var sliding = window is { } width
            ? new AttentionView(slidingRotary is null ? full.Rotation : turning(slidingRotary), seen > width ? mask(width) : full.Mask)
            : full;
        return new ForwardPass(overlays, kept, full, sliding);
    }
}
