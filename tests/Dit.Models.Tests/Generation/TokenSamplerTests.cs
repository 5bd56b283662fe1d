using Dit.Models.Randomness;

namespace Dit.Models.Generation;

public class TokenSamplerTests
{
    private static readonly float[] Scores = [.. new[] { 0.1, 0.4, 0.0, 0.2, 0.3 }.Select(p => (float)Math.Log(p) + 3)];

    [Theory]
    [InlineData(1.0, 1.0, new[] { 0.1, 0.4, 0, 0.2, 0.3 })]
    [InlineData(1.0, 0.75, new[] { 0, 4 / 9.0, 0, 2 / 9.0, 3 / 9.0 })]
    [InlineData(1.0, 0.6, new[] { 0, 4 / 7.0, 0, 0, 3 / 7.0 })]
    [InlineData(1.0, 0.1, new[] { 0.0, 1, 0, 0, 0 })]
    [InlineData(0.5, 1.0, new[] { 1 / 30.0, 16 / 30.0, 0, 4 / 30.0, 9 / 30.0 })]
    public void Tokens_come_as_often_as_their_probability_says(double temperature, double topP, double[] probabilities)
    {
        const int count = 40_000;
        var stream = RandomStream.Named(2, "sampler");
        var times = new int[Scores.Length];
        for (var draw = 0; draw < count; draw++)
        {
            times[TokenSampler.Draw(Scores, temperature, topP, stream)]++;
        }

        for (var id = 0; id < Scores.Length; id++)
        {
            Assert.Equal(probabilities[id], times[id] / (double)count, 0.012);
            Assert.True(probabilities[id] > 0 || times[id] == 0);
        }
    }
}
