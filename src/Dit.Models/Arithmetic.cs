using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models;

/// <summary>
/// Tensors and numbers: every operation of libtorch that takes a number, by a name of ours. A trailing underscore says, as in libtorch, that the
/// tensor itself is changed and returned. Whole numbers have their own overloads where tensors of whole numbers are to stay so.
/// </summary>
public static class Arithmetic
{
    // TorchSharp hands a number to libtorch in an object, a Scalar, whose finalizer frees it. The one that it makes of the number in x * 0.5, and
    // unasked of the 1 in x + 1 * y, is referred to by nothing once the call has begun: a garbage collection that another thread starts in that
    // moment frees it while libtorch reads it, which ends the process or gives wrong numbers. Here each is held until the call is over, and
    // BannedSymbols.txt bans Scalar everywhere else. (Tensors are held by the dispose scope in which they come about.)
#pragma warning disable RS0030, CA1707

    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y)
    {
        using var one = 1.ToScalar();
        return x.add(y, one);
    }

    /// <summary>x + number.</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        using var one = 1.ToScalar();
        return x.add(scalar, one);
    }

    /// <summary>x + number.</summary>
    public static Tensor Plus(this Tensor x, long number)
    {
        using var scalar = number.ToScalar();
        using var one = 1.ToScalar();
        return x.add(scalar, one);
    }

    /// <summary>x += y.</summary>
    public static Tensor Plus_(this Tensor x, Tensor y)
    {
        using var one = 1.ToScalar();
        return x.add_(y, one);
    }

    /// <summary>x += factor · y.</summary>
    public static Tensor Plus_(this Tensor x, Tensor y, double factor)
    {
        using var scalar = factor.ToScalar();
        return x.add_(y, scalar);
    }

    /// <summary>x += number.</summary>
    public static Tensor Plus_(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        using var one = 1.ToScalar();
        return x.add_(scalar, one);
    }

    /// <summary>x - number.</summary>
    public static Tensor Minus(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.sub(scalar);
    }

    /// <summary>x - number.</summary>
    public static Tensor Minus(this Tensor x, long number)
    {
        using var scalar = number.ToScalar();
        return x.sub(scalar);
    }

    /// <summary>x · number.</summary>
    public static Tensor Times(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.mul(scalar);
    }

    /// <summary>x · number.</summary>
    public static Tensor Times(this Tensor x, long number)
    {
        using var scalar = number.ToScalar();
        return x.mul(scalar);
    }

    /// <summary>x *= number.</summary>
    public static Tensor Times_(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.mul_(scalar);
    }

    /// <summary>x *= number.</summary>
    public static Tensor Times_(this Tensor x, long number)
    {
        using var scalar = number.ToScalar();
        return x.mul_(scalar);
    }

    /// <summary>x / number.</summary>
    public static Tensor DividedBy(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.div(scalar);
    }

    /// <summary>x /= number.</summary>
    public static Tensor DividedBy_(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.div_(scalar);
    }

    /// <summary>x².</summary>
    public static Tensor Squared(this Tensor x)
    {
        using var two = 2.ToScalar();
        return x.pow(two);
    }

    /// <summary>x + y · z, number by number.</summary>
    public static Tensor PlusProduct(this Tensor x, Tensor y, Tensor z)
    {
        using var one = 1.ToScalar();
        return x.addcmul(y, z, one);
    }

    /// <summary>x += factor · y · z, number by number.</summary>
    public static Tensor PlusProduct_(this Tensor x, Tensor y, Tensor z, double factor = 1)
    {
        using var scalar = factor.ToScalar();
        return x.addcmul_(y, z, scalar);
    }

    /// <summary>x += factor · y / z, number by number.</summary>
    public static Tensor PlusQuotient_(this Tensor x, Tensor y, Tensor z, double factor)
    {
        using var scalar = factor.ToScalar();
        return x.addcdiv_(y, z, scalar);
    }

    /// <summary>The larger of x and number.</summary>
    public static Tensor AtLeast(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.clamp_min(scalar);
    }

    /// <summary>Where x = 0.</summary>
    public static Tensor IsZero(this Tensor x)
    {
        using var zero = 0.ToScalar();
        return x.eq(zero);
    }

    /// <summary>Where x ≠ 0, or is not a number.</summary>
    public static Tensor IsNonzero(this Tensor x)
    {
        using var zero = 0.ToScalar();
        return x.ne(zero);
    }

    /// <summary>Where x &gt; number.</summary>
    public static Tensor IsAbove(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.gt(scalar);
    }

    /// <summary>Where x &lt; number.</summary>
    public static Tensor IsBelow(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.lt(scalar);
    }

    /// <summary>Sets all of x to a number.</summary>
    public static Tensor Fill_(this Tensor x, double number)
    {
        using var scalar = number.ToScalar();
        return x.fill_(scalar);
    }

    /// <summary>Sets x to a number where a mask is true.</summary>
    public static Tensor Fill_(this Tensor x, Tensor mask, double number)
    {
        using var scalar = number.ToScalar();
        return x.masked_fill_(mask, scalar);
    }

    /// <summary>Sets x to a number where a dimension's index is one of some (int64 [n]).</summary>
    public static Tensor Fill_(this Tensor x, long dimension, Tensor index, double number)
    {
        using var scalar = number.ToScalar();
        return x.index_fill_(dimension, index, scalar);
    }

    /// <summary>A tensor of one number.</summary>
    public static Tensor Full(long[] shape, double number, ScalarType type = ScalarType.Float32, Device? device = null)
    {
        using var scalar = number.ToScalar();
        return full(shape, scalar, type, device);
    }

    /// <summary>0, 1, 2, … below stop.</summary>
    public static Tensor Range(long stop, ScalarType type = ScalarType.Int64, Device? device = null)
    {
        using var start = 0.ToScalar();
        using var end = stop.ToScalar();
        using var step = 1.ToScalar();
        return arange(start, end, step, type, device);
    }

    /// <summary>start, start + 1, … below stop.</summary>
    public static Tensor Range(long start, long stop, ScalarType type = ScalarType.Int64)
    {
        using var first = start.ToScalar();
        using var end = stop.ToScalar();
        using var step = 1.ToScalar();
        return arange(first, end, step, type);
    }
#pragma warning restore RS0030, CA1707
}
