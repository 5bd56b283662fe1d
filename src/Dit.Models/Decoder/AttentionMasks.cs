using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Masks that are added to the scores of attention.</summary>
internal static class AttentionMasks
{
    /// <summary>[1,1,T,T]: -∞ at the future, and at what lies a window's width or more back.</summary>
    internal static Tensor Causal(long tokens, long? window, ScalarType type, Device device)
    {
        using var frozen = no_grad();
        var mask = Arithmetic.Full([1, 1, tokens, tokens], double.NegativeInfinity, type, device);
        return window is { } width ? mask.triu(1).Plus_(mask.tril(-width)) : mask.triu_(1);
    }

    /// <summary>[B,1,T,bound]: the same for tokens at positions [B,T] of rows that hold their tokens from 0 on.</summary>
    internal static Tensor Behind(Tensor positions, long bound, long? window, ScalarType type)
    {
        using var frozen = no_grad();
        var (own, all) = (positions.unsqueeze(1).unsqueeze(-1), Arithmetic.Range(bound, device: positions.device).view(1, 1, 1, bound));
        var hidden = all > own;
        if (window is { } width)
        {
            hidden = hidden.logical_or(all <= own.Minus(width));
        }

        return zeros(hidden.shape, type, positions.device).Fill_(hidden, double.NegativeInfinity);
    }

    /// <summary>
    /// [B,1,T,bound] for tokens that go on in several ways: each looks at the <paramref name="start"/> [B,1] tokens that its row held before
    /// and, behind them, at what is before it on its own branch.
    /// </summary>
    internal static Tensor Branches(TokenBranches branches, Tensor start, Tensor positions, long bound, long? window, ScalarType type)
    {
        using var frozen = no_grad();
        var (rows, tokens) = (positions.shape[0], positions.shape[1]);
        var all = Arithmetic.Range(bound, device: positions.device).view(1, 1, bound);
        var hidden = all.ge(start.unsqueeze(-1)).expand(rows, tokens, bound);
        var branch = branches.Sees.logical_not();
        if (window is { } width)
        {
            hidden = hidden.logical_or(all.le(positions.unsqueeze(-1).Minus(width)));
            branch = branch.logical_or(positions.unsqueeze(1).le(positions.unsqueeze(-1).Minus(width)));
        }

        var places = start.Plus(Arithmetic.Range(tokens, device: positions.device)).unsqueeze(1).expand(rows, tokens, tokens);
        hidden = hidden.scatter(-1, places, branch).unsqueeze(1);
        return zeros(hidden.shape, type, positions.device).Fill_(hidden, double.NegativeInfinity);
    }

    /// <summary>
    /// [B,1,1,T] of a mask [B,T]: 0 at tokens, half the lowest number at padding. Not -∞, nor what would become that together with a score, so
    /// that what comes out at padding, which may see nothing but padding, is no NaN.
    /// </summary>
    internal static Tensor Padding(Tensor mask, ScalarType type)
    {
        using var frozen = no_grad();
        return mask.IsZero().to(type).Times_(finfo(type).min / 2).unsqueeze(1).unsqueeze(1);
    }

    /// <exception cref="DitException">A token of mask [B,T] stands behind padding.</exception>
    internal static void CheckPaddingIsRight(Tensor mask)
    {
        var tokens = mask.shape[1];
        if (tokens > 1 && mask.narrow(1, 1, tokens - 1).gt(mask.narrow(1, 0, tokens - 1)).any().item<bool>())
        {
            throw new DitException("attention mask: expected padding on the right of the tokens only, found a token behind padding.");
        }
    }

    /// <summary>How many tokens each row of mask [B,T] has; all where it is null.</summary>
    internal static int[] Counts(Tensor? mask, long rows, long tokens)
    {
        if (mask is null)
        {
            return [.. Enumerable.Repeat((int)tokens, (int)rows)];
        }

        using var counts = mask.sum(1, type: ScalarType.Int64).cpu();
        return [.. counts.data<long>().ToArray().Select(count => (int)count)];
    }
}
