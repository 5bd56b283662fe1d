using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>What all layers of one forward pass share.</summary>
/// <param name="Rotation">Of the positions of its tokens.</param>
/// <param name="Overlays">What is added at which sites.</param>
/// <param name="Cache">Where its tokens go on from; null where there is no cache.</param>
/// <param name="CausalMask">
/// [1,1,T,T], 0 up to each token itself and -∞ behind, or [B,1,T,T] where padding is hidden too; null where nothing is padded and the
/// text is too long to hold all scores.
/// </param>
internal sealed record ForwardPass(Rotation Rotation, Overlays Overlays, CachePass? Cache, Tensor? CausalMask);
