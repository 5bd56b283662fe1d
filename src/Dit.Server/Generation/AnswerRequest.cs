using Dit.Interpretation;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;

namespace Dit.Server.Generation;

/// <summary>One answer that is wanted.</summary>
/// <param name="Finetune">Who is asked; null for the bare base. Whoever asks keeps it alive until the last piece has come.</param>
/// <param name="Strength">By what the finetune's diff is multiplied; only a low-rank one can be at another than 1.</param>
/// <param name="Adapter">The DIT adapter on top; null for none.</param>
/// <param name="Messages">The conversation, up to where the model is to answer.</param>
/// <param name="Settings">How the answer is drawn.</param>
public sealed record AnswerRequest(Finetune? Finetune, double Strength, DitAdapter? Adapter, IReadOnlyList<Message> Messages, GenerationSettings Settings);

/// <summary>A part of an answer, as soon as it is there.</summary>
/// <param name="Text">What comes next; may be empty at the end.</param>
/// <param name="End">How it ended, in the last piece; null before.</param>
public sealed record AnswerPiece(string Text, AnswerEnd? End = null);

/// <summary>How an answer ended.</summary>
/// <param name="Reason"><c>stop</c> by itself, <c>length</c> at the limit.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="AnswerTokens">Tokens of the answer.</param>
public sealed record AnswerEnd(string Reason, int PromptTokens, int AnswerTokens);
