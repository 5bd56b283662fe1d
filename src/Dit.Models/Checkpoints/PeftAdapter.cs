using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>What a LoRA adds at one site: y += Scaling · (x Aᵀ) Bᵀ.</summary>
/// <param name="A">[rank, in features]</param>
/// <param name="B">[out features, rank]</param>
/// <param name="Scaling">The factor itself, whatever a file derives it from.</param>
public sealed record LowRankFactors(Tensor A, Tensor B, double Scaling);

/// <summary>A LoRA adapter as PEFT keeps it, under this library's names.</summary>
/// <param name="BaseModelNameOrPath">The model it was trained on, as the file says; empty if it does not.</param>
/// <param name="Sites">The factors by site name, such as model.layers.0.self_attn.q_proj.</param>
public sealed record PeftAdapter(string BaseModelNameOrPath, IReadOnlyDictionary<string, LowRankFactors> Sites);
