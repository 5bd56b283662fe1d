using Dit.Models.Randomness;

namespace Dit.Models.Generation;

public class TokenSamplerTests
{
    private static readonly float[] Probabilities = [0.1f, 0.4f, 0, 0.2f, 0.3f];

    [Theory]
    [InlineData(1.0, new[] { 0.1, 0.4, 0, 0.2, 0.3 })]
    [InlineData(0.95, new[] { 0.1, 0.4, 0, 0.2, 0.3 })]
    [InlineData(0.75, new[] { 0, 4 / 9.0, 0, 2 / 9.0, 3 / 9.0 })]
    [InlineData(0.6, new[] { 0, 4 / 7.0, 0, 0, 3 / 7.0 })]
    [InlineData(0.1, new[] { 0.0, 1, 0, 0, 0 })]
    public void Tokens_come_as_often_as_their_probability_says(double topP, double[] probabilities)
    {
        const int count = 40_000;
        var stream = RandomStream.Named(2, "sampler");
        var times = new int[Probabilities.Length];
        for (var draw = 0; draw < count; draw++)
        {
            times[TokenSampler.Draw(Probabilities, topP, stream)]++;
        }

        for (var id = 0; id < Probabilities.Length; id++)
        {
            Assert.Equal(probabilities[id], times[id] / (double)count, 0.012);
            Assert.True(probabilities[id] > 0 || times[id] == 0);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(3000)]
    public void Of_many_tokens_the_one_comes_in_which_the_drawn_number_lies(int tokens)
    {
        var (numbers, drawn, again) = (RandomStream.Named(3, "numbers"), RandomStream.Named(4, "draws"), RandomStream.Named(4, "draws"));
        // Most can never be drawn, whole stretches among them.
        float[] probabilities = [.. Enumerable.Range(0, tokens).Select(id => id > 0 && (id % 7 != 0 || id / 300 % 3 == 1) ? 0 : (float)numbers.NextDouble())];
        var total = probabilities.Sum(probability => (double)probability);
        for (var draw = 0; draw < 2000; draw++)
        {
            var left = again.NextDouble() * total;
            var expected = 0;
            while (left >= probabilities[expected] && expected < tokens - 1)
            {
                left -= probabilities[expected++];
            }

            Assert.Equal(expected, TokenSampler.Draw(probabilities, 1, drawn));
        }
    }
}
