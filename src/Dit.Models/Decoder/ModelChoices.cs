namespace Dit.Models.Decoding;

/// <summary>How a norm's weight is applied where the model computes in less than 32 bits.</summary>
public enum NormWeight
{
    /// <summary>The normed value is rounded to the model's type first, then multiplied.</summary>
    AfterRounding,

    /// <summary>It is multiplied in 32 bits and the product rounded.</summary>
    BeforeRounding,

    /// <summary>As <see cref="BeforeRounding"/>, by one more than the weight.</summary>
    OneMoreBeforeRounding,
}

/// <summary>Where norms stand around the attention and the feed-forward part of a layer.</summary>
public enum NormPlacement
{
    /// <summary>Before each part.</summary>
    Before,

    /// <summary>Behind each part, before its result is added to the residual stream.</summary>
    Behind,

    /// <summary>Before and behind.</summary>
    Around,
}

/// <summary>Norms of queries and keys.</summary>
public enum QueryKeyNorm
{
    /// <summary>None.</summary>
    None,

    /// <summary>Over each head by itself.</summary>
    EachHead,

    /// <summary>Over all heads of the projection together.</summary>
    WholeProjection,
}

/// <summary>Functions for the gate of the feed-forward part.</summary>
public enum Activation
{
    /// <summary>x · sigmoid(x).</summary>
    Silu,

    /// <summary>GELU by its approximation with tanh.</summary>
    GeluTanh,
}
