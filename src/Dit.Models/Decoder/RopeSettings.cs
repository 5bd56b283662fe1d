namespace Dit.Models.Decoding;

/// <summary>A rotary embedding: element i of a head's first half turns by position · Theta^(-2i / head size), rescaled if need be.</summary>
/// <param name="Theta">Base of the frequencies.</param>
/// <param name="Scaling">How the frequencies are changed for longer texts; null where they are not.</param>
public sealed record RopeSettings(double Theta, RopeScaling? Scaling = null);

/// <summary>All frequencies divided by <paramref name="Factor"/>, unless <paramref name="Bands"/> say which and how much.</summary>
/// <param name="Factor">What frequencies are divided by.</param>
/// <param name="Bands">Llama 3's scaling by wave length; null for the plain linear one.</param>
public sealed record RopeScaling(double Factor, RopeBands? Bands = null);

/// <summary>
/// Llama 3's scaling: waves longer than OriginalMaxPositions / Low are stretched in full, those shorter than OriginalMaxPositions / High not
/// at all, and those between in proportion.
/// </summary>
/// <param name="Low">low_freq_factor.</param>
/// <param name="High">high_freq_factor, above <paramref name="Low"/>.</param>
/// <param name="OriginalMaxPositions">The longest text before the scaling, in tokens.</param>
public sealed record RopeBands(double Low, double High, int OriginalMaxPositions);
