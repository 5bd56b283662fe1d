using Dit.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs.Inspection;

/// <summary>
/// What can be known of products B·A of low-rank factors without multiplying them out. A is [..., r, in], B is [..., out, r]; results
/// are float64, over whatever dimensions stand in front.
/// </summary>
public static class LowRankProduct
{
    /// <summary>Frobenius norms [...]: ‖BA‖² = tr(Aᵀ BᵀB A) = tr((BᵀB)(AAᵀ)), a sum over two r × r matrices.</summary>
    public static Tensor Frobenius(Tensor a, Tensor b)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var (inner, outer) = (Gram(a), Gram(b.transpose(-2, -1)));
        // Rounding may push a product of nearly nothing below zero.
        return (inner * outer).sum([-2, -1]).AtLeast(0).sqrt().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Singular values [..., min(r, in, out)], largest first. With B = Q R and Aᵀ = P S, BA = Q (R Sᵀ) Pᵀ, and what is orthonormal changes none.
    /// </summary>
    public static Tensor SingularValues(Tensor a, Tensor b)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var (_, left) = linalg.qr(b.to(ScalarType.Float64), linalg.QRMode.R);
        var (_, right) = linalg.qr(a.to(ScalarType.Float64).transpose(-2, -1), linalg.QRMode.R);
        // einsum and not mm: it takes any number of dimensions in front.
        return linalg.svdvals(einsum("...ik,...jk->...ij", left, right)).MoveToOuterDisposeScope();
    }

    /// <summary>The squared norm of every output row of the product, [..., out]: row i is b_i A, and ‖b_i A‖² = b_i (AAᵀ) b_iᵀ.</summary>
    public static Tensor RowEnergies(Tensor a, Tensor b)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var wide = b.to(ScalarType.Float64);
        return (einsum("...or,...rs->...os", wide, Gram(a)) * wide).sum(-1).AtLeast(0).MoveToOuterDisposeScope();
    }

    /// <summary>The squared norm of every input column of the product, [..., in].</summary>
    public static Tensor ColumnEnergies(Tensor a, Tensor b)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        return RowEnergies(b.transpose(-2, -1), a.transpose(-2, -1)).MoveToOuterDisposeScope();
    }

    /// <summary>x xᵀ of [..., r, n] in float64.</summary>
    private static Tensor Gram(Tensor x)
    {
        var wide = x.to(ScalarType.Float64);
        return einsum("...rn,...sn->...rs", wide, wide);
    }
}
