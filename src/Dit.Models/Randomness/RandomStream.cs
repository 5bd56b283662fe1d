using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Dit.Models.Randomness;

/// <summary>
/// A named stream of random numbers: xoshiro256**, the same on every machine and in every version. Streams of different
/// names share nothing, so drawing more from one never shifts another. The four words of <see cref="State"/> are all there
/// is, so a run that stores them goes on exactly where it stopped.
/// </summary>
public sealed class RandomStream
{
    private ulong s0, s1, s2, s3;

    private RandomStream(ulong s0, ulong s1, ulong s2, ulong s3)
    {
        (this.s0, this.s1, this.s2, this.s3) = (s0, s1, s2, s3);
    }

    /// <summary>The stream that a run's one seed gives to <paramref name="name"/>.</summary>
    public static RandomStream Named(ulong seed, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Seeded([seed], name);
    }

    /// <summary>A stream of its own for <paramref name="name"/>, from where this one stands; this one does not move.</summary>
    public RandomStream Fork(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Seeded([s0, s1, s2, s3], name);
    }

    /// <summary>The four words that <see cref="FromState"/> takes to go on from here.</summary>
    public ulong[] State => [s0, s1, s2, s3];

    /// <summary>Goes on where another stream's <see cref="State"/> was read.</summary>
    /// <exception cref="DitException">These are not four words of which at least one is not zero.</exception>
    public static RandomStream FromState(ulong[] state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Length != 4 || Array.TrueForAll(state, word => word == 0))
        {
            throw new DitException($"random state: expected 4 words, not all zero, found [{string.Join(", ", state)}]");
        }

        return new RandomStream(state[0], state[1], state[2], state[3]);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
        var t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), in steps of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in 0 .. <paramref name="exclusiveMax"/>-1, without bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveMax"/> is not positive.</exception>
    public int NextInt(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMax);
        // The high half of a 64 x 32 bit product is uniform once the few low halves that would come up too often are drawn anew.
        var range = (ulong)exclusiveMax;
        var surplus = (0UL - range) % range;
        ulong high, low;
        do
        {
            high = Math.BigMul(NextUInt64(), range, out low);
        }
        while (low < surplus);
        return (int)high;
    }

    /// <summary>Normally distributed, mean 0 and variance 1 (Box-Muller; the second value is not kept, it would be hidden state).</summary>
    public double NextGaussian()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Puts <paramref name="items"/> into a random order, each order equally likely.</summary>
    public void Shuffle<T>(IList<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        for (var last = items.Count - 1; last > 0; last--)
        {
            var other = NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static RandomStream Seeded(ReadOnlySpan<ulong> words, string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        var bytes = new byte[8 * words.Length + text.Length];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 * i), words[i]);
        }

        text.CopyTo(bytes, 8 * words.Length);
        var seed = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(bytes));
        return new RandomStream(SplitMix(ref seed), SplitMix(ref seed), SplitMix(ref seed), SplitMix(ref seed));
    }

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
