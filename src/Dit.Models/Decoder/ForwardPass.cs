using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>What all layers of one forward pass share.</summary>
/// <param name="Overlays">What is added at which sites.</param>
/// <param name="Cache">Where its tokens go on from; null where there is no cache.</param>
/// <param name="Full">For layers that see everything.</param>
/// <param name="Sliding">For layers with a sliding window.</param>
internal sealed record ForwardPass(Overlays Overlays, CachePass? Cache, AttentionView Full, AttentionView Sliding);

/// <summary>Where the tokens of a pass stand for a kind of layers, and what they see.</summary>
/// <param name="Rotation">Of the tokens' positions.</param>
/// <param name="Mask">
/// [1,1,T,K] or, where padding is hidden or a cache holds earlier tokens, [B,1,T,K]: 0 where a token may look and -∞, or at padding a number
/// so low that it comes to the same, where not. Null where nothing but the future is hidden and the text is too long to hold all scores.
/// </param>
internal readonly record struct AttentionView(Rotation Rotation, Tensor? Mask);
