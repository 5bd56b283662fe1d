using Dit.Text;
using static TorchSharp.torch;

namespace Dit.Training;

public sealed class TokenBatchTests
{
    private const long None = TokenBatch.NoLabel;

    private static readonly TokenizedExample[] Examples = [new([5, 6, 7], 1), new([8], 1), new([9, 2], 1)];

    public static TheoryData<string> Folders => GoldenTrace.Cases("introspection_prompt");

    [Fact]
    public void Only_answers_count()
    {
        var batch = TokenBatch.Pad(Examples, padding: 2);

        Assert.Equal((3, 3), (batch.Rows, batch.Length));
        Assert.Equal([5, 6, 7, 8, 2, 2, 9, 2, 2], batch.Ids);
        Assert.Equal([None, 6, 7, None, None, None, None, 2, None], batch.Labels);
        Assert.Equal([1, 2, 7], batch.Counted());
        Assert.Null(batch.TokenCounts);
    }

    [Fact]
    public void Padding_can_count_too_and_is_then_told_from_a_token_that_looks_like_it()
    {
        var batch = TokenBatch.Pad(Examples, padding: 2, countPadding: true);

        Assert.Equal([5, 6, 7, 8, 2, 2, 9, 2, 2], batch.Ids);
        Assert.Equal([None, 6, 7, None, 2, 2, None, 2, 2], batch.Labels);
        Assert.Equal([3, 1, 2], batch.TokenCounts!);
    }

    /// <summary>From a question and labels come the very tokens, labels and padding that the reference implementation trains adapters on.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void Batches_of_questions_are_those_of_the_reference(string folder)
    {
        using var scope = NewDisposeScope();
        var golden = new GoldenTrace(folder);
        var tokenizer = golden.TokenizerOrSkip();
        var labels = golden.Trace.GetProperty("labels_text");
        Message[] question = [new("user", golden.Trace.GetProperty("introspection_prompt").GetString()!)];

        foreach (var (expected, entry) in golden.Batches().Zip(golden.Sequence))
        {
            var answers = entry.GetProperty("items").EnumerateArray().Select(item => labels[item.GetInt32()].GetString()!);
            var batch = TokenBatch.Pad([.. answers.Select(answer => tokenizer.EncodeAnswer(question, answer))], tokenizer.PadTokenId, countPadding: true);

            Assert.Equal((expected.Rows, expected.Length), (batch.Rows, batch.Length));
            Assert.Equal(expected.Ids, batch.Ids);
            Assert.Equal(expected.Labels, batch.Labels);
            // A batch without padding has nothing to tell.
            Assert.Equal(expected.TokenCounts ?? [.. batch.TokenCounts!.Select(_ => batch.Length)], batch.TokenCounts!);
        }
    }

    [Fact]
    public void Rounded_rows_are_longer_by_tokens_that_do_not_count()
    {
        TokenizedExample[] examples = [new([1, 2, 3, 4, 5], AnswerStart: 3), new([6, 7], AnswerStart: 1)];
        var batch = TokenBatch.Pad(examples, padding: 0);

        var rounded = batch.Rounded(longest: 8);

        Assert.Equal((2, 8), (rounded.Rows, rounded.Length));
        Assert.Equal(batch.Predicted().Select(i => (i / 5, i % 5)), rounded.Predicted().Select(i => (i / 8, i % 8)));
        Assert.Equal(batch.Predicted().Select(i => batch.Labels[i]), rounded.Predicted().Select(i => rounded.Labels[i]));
        Assert.Same(batch, batch.Rounded(longest: 7));
        Assert.Same(rounded, rounded.Rounded(longest: 100));
        var padding = TokenBatch.Pad(examples, padding: 0, countPadding: true);
        Assert.Same(padding, padding.Rounded(longest: 100));
    }
}
