using Dit.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

public sealed class AdamTests
{
    // Worked out by hand in double precision from the formulas of the two papers, at a rate of 0.1, from 1 and -2.
    private static readonly float[][] Gradients = [[0.5f, 0.25f], [-1f, 0.25f], [2f, -0.5f]];
    private static readonly double[][] Plain = [[0.900000002, -2.099999996], [0.9366103542, -2.199999992], [0.8946447927, -2.1924350591]];
    private static readonly double[][] Decayed = [[0.880000002, -2.059999996], [0.8990103542, -2.1187999921], [0.8390645856, -2.0688590594]];

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    public void Steps_are_those_worked_out_by_hand(double weightDecay)
    {
        using var scope = NewDisposeScope();
        var parameter = tensor([1f, -2f]);
        using var adam = new Adam([KeyValuePair.Create("p", parameter)], new AdamSettings(WeightDecay: weightDecay));

        foreach (var (step, gradient) in Gradients.Index())
        {
            Push(adam, "p", gradient);
            adam.Step(0.1);

            var found = parameter.data<float>().ToArray();
            Assert.Equal((weightDecay == 0 ? Plain : Decayed)[step][0], found[0], 6);
            Assert.Equal((weightDecay == 0 ? Plain : Decayed)[step][1], found[1], 6);
        }

        Assert.Equal(Gradients.Length, adam.StepCount);
    }

    [Fact]
    public void Gradients_add_up_until_they_are_forgotten()
    {
        using var scope = NewDisposeScope();
        var (inParts, atOnce) = (tensor([1f, -2f]), tensor([1f, -2f]));
        using var adam = new Adam([KeyValuePair.Create("inParts", inParts), KeyValuePair.Create("atOnce", atOnce)], new AdamSettings());
        for (var step = 0; step < 3; step++)
        {
            Push(adam, "inParts", [0.25f, 1f]);
            Push(adam, "inParts", [0.5f, -4f]);
            Push(adam, "atOnce", [0.75f, -3f]);
            adam.Step(0.1);
        }

        Assert.Equal(atOnce.data<float>().ToArray(), inParts.data<float>().ToArray());
    }

    [Theory]
    [InlineData(10, 3, 4)]
    [InlineData(1, 0.6, 0.8)]
    public void Gradients_are_clipped_by_their_joint_norm(double limit, double first, double second)
    {
        using var scope = NewDisposeScope();
        var (three, four) = (tensor([0f]), tensor([0f]));
        using var adam = new Adam([KeyValuePair.Create("three", three), KeyValuePair.Create("four", four)], new AdamSettings());
        Push(adam, "three", [3f]);
        Push(adam, "four", [4f]);

        adam.ClipGradients(limit);

        Assert.Equal(first, adam.Gradient("three").item<float>(), 5);
        Assert.Equal(second, adam.Gradient("four").item<float>(), 5);
    }

    [Fact]
    public void A_parameter_that_no_gradient_reached_stays()
    {
        using var scope = NewDisposeScope();
        var (moved, left) = (tensor([1f]), tensor([1f]));
        using var adam = new Adam([KeyValuePair.Create("moved", moved), KeyValuePair.Create("left", left)], new AdamSettings());

        Push(adam, "moved", [1f]);
        adam.Step(0.1);

        Assert.NotEqual(1f, moved.item<float>());
        Assert.Equal(1f, left.item<float>());
    }

    private static void Push(Adam adam, string parameter, float[] gradient) => adam.Gradient(parameter).Plus_(tensor(gradient));
}
