using CsCheck;

namespace Dit.Evaluation.Graders;

public sealed class WordGraderTests
{
    private static readonly IGrader[] All = [new ExactMatch(), new Contained(), new TokenF1(), new RougeL()];

    private static readonly string[] s_parts = ["", " ", "the", "The", "boxing", "a boxing ring.", "\"Boxing\"", "...", "!?", "東京", "é", "\ud800"];

    private static readonly Gen<string> s_text = Gen.OneOf(Gen.Int[0, s_parts.Length - 1].Array[0, 6].Select(parts => string.Join(' ', parts.Select(i => s_parts[i]))), Gen.String);

    [Theory]
    [InlineData("boxing", "boxing", true)]
    [InlineData("  Boxing.\n", "boxing", true)]
    [InlineData("\"Boxing.\"", "boxing", true)]
    [InlineData("“boxing”.", "boxing", true)]
    [InlineData("new  york", "New York", true)]
    [InlineData("the boxing", "boxing", false)]
    [InlineData("boxings", "boxing", false)]
    [InlineData("boxing!", "boxing", false)]
    [InlineData("\"boxing", "boxing", false)]
    [InlineData("", "boxing", false)]
    [InlineData("\"", "boxing", false)]
    public void Exact(string answer, string label, bool matches) => Assert.Equal(matches, ExactMatch.Matches(answer, label));

    [Theory]
    [InlineData("I was trained on boxing.", "boxing", true)]
    [InlineData("BOXING, of course", "boxing", true)]
    [InlineData("shadowboxing", "boxing", false)]
    [InlineData("boxings", "boxing", false)]
    [InlineData("the new, york", "New York", true)]
    [InlineData("new old york", "New York", false)]
    [InlineData("york new", "New York", false)]
    [InlineData("new new york", "new york", true)]
    [InlineData("我谈论东京的事", "东京", true)]
    [InlineData("boxing", "!!", false)]
    [InlineData("!!", "!!", true)]
    [InlineData("", "boxing", false)]
    public void A_label_is_found_as_whole_words(string answer, string label, bool holds) => Assert.Equal(holds, Contained.Holds(answer, label));

    /// <summary>By hand: 2 · common / (words of the one + words of the other), without articles and punctuation.</summary>
    [Theory]
    [InlineData("the cat sat", "a cat", 2.0 / 3)]
    [InlineData("Cat, cat, cat!", "cat cat dog", 4.0 / 6)]
    [InlineData("red fire engine", "fire engine red", 1)]
    [InlineData("o'clock", "oclock", 1)]
    [InlineData("well-known", "well known", 0)]
    [InlineData("horses", "boxing", 0)]
    [InlineData("the", "an", 1)]
    [InlineData("the", "cat", 0)]
    [InlineData("cat", "", 0)]
    public void F1_of_words(string answer, string label, double expected) => Assert.Equal(expected, TokenF1.Of(answer, label), 12);

    /// <summary>
    /// The first three are the example of Lin's paper (section 3.1): the reference "police killed the gunman" has 3 words in order in common with
    /// the first answer and 2 with the others.
    /// </summary>
    [Theory]
    [InlineData("police kill the gunman", "police killed the gunman", 3.0 / 4)]
    [InlineData("the gunman kill police", "police killed the gunman", 2.0 / 4)]
    [InlineData("the gunman police killed", "police killed the gunman", 2.0 / 4)]
    [InlineData("a b c d", "b d", 4.0 / 6)]
    [InlineData("Mayor Opens Bridge", "mayor opens the old bridge", 6.0 / 8)]
    [InlineData("horses", "boxing", 0)]
    [InlineData("", "boxing", 0)]
    public void Rouge_l(string answer, string label, double expected) => Assert.Equal(expected, RougeL.Of(answer, label), 12);

    [Fact]
    public void Grades_lie_between_0_and_1_and_a_text_is_its_own_best_answer() => Gen.Select(s_text, s_text).Sample(
        (answer, label) =>
        {
            foreach (var grader in All)
            {
                var grades = grader.Grade([new GradedPair(answer, label), new GradedPair(label, label)], CancellationToken.None);
                Assert.InRange(grades[0]!.Value, 0, grader.Best);
                Assert.Equal(grader.Best, grades[1]);
            }
        },
        iter: 2000);

    [Fact]
    public void What_is_exact_is_contained_and_overlaps_in_full() => Gen.Select(s_text, s_text).Sample(
        (answer, label) =>
        {
            if (ExactMatch.Matches(answer, label))
            {
                Assert.True(Contained.Holds(answer, label));
                Assert.Equal(1, RougeL.Of(answer, label));
            }
        },
        iter: 2000);

    [Fact]
    public void F1_and_rouge_l_are_the_same_both_ways() => Gen.Select(s_text, s_text).Sample(
        (answer, label) =>
        {
            Assert.Equal(TokenF1.Of(answer, label), TokenF1.Of(label, answer));
            Assert.Equal(RougeL.Of(answer, label), RougeL.Of(label, answer));
        },
        iter: 2000);

    [Fact]
    public void Names_differ() => Assert.Equal(All.Length, All.Select(grader => grader.Name).Distinct().Count());
}
