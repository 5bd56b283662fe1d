namespace Dit.Text;

/// <summary>A conversation as tokens, and where its last answer begins.</summary>
/// <param name="Ids">All tokens.</param>
/// <param name="AnswerStart">Index of the answer's first token; the answer and its end mark reach to the end.</param>
public sealed record TokenizedExample(int[] Ids, int AnswerStart);
