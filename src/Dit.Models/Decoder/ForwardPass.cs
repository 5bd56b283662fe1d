namespace Dit.Models.Decoding;

/// <summary>What all layers of one forward pass share.</summary>
internal sealed record ForwardPass(Rotation Rotation, Overlays Overlays, CachePass? Cache);
