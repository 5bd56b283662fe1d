namespace Dit.Models.Decoding;

/// <summary>
/// A linear layer inside the decoder, a place where something can be added. Its name is Hugging Face's without ".weight"
/// (model.layers.3.mlp.up_proj) and the only key used for it anywhere. The output head is not a site.
/// </summary>
public sealed record Site(string Name, int InFeatures, int OutFeatures);
