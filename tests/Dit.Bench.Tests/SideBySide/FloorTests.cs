namespace Dit.Bench.SideBySide;

public sealed class FloorTests
{
    [Fact]
    public void An_adapter_step_has_two_of_each_frozen_product_and_three_of_each_trained_one()
    {
        var floor = Floor.Of(Micro.Counted, new Work(WorkKind.Adapter, Rows: 2, Tokens: 3, Answer: 1) { AdapterRank = 2 });

        var token = (2 * 34) + (2 * 31) + (3 * 2 * 31);
        var attention = 2 * 2 * (1 + 2 + 3);
        Assert.Equal(2 * ((3 * token) + (3 * attention) + (2 * 1 * 10)), floor.MultiplyAdds);
        Assert.Equal(4 * ((2 * (34 + 10)) + (2 * 2 * 31) + (10 * 2 * 31)), floor.Bytes);
    }

    [Fact]
    public void A_step_of_diffs_has_three_kinds_and_a_teacher_of_each_wrong_code_and_one_question()
    {
        var floor = Floor.Of(Micro.Counted, new Work(WorkKind.Diffs, Rows: 2, Tokens: 3, Answer: 1));

        var student = (3 * ((2 * 34) + (3 * 31))) + (3 * 24) + (2 * 10);
        var teacher = (3 * 34) + 24 + 10;
        Assert.Equal((3 * 2 * student) + (3 * teacher), floor.MultiplyAdds);
        Assert.Equal(4 * ((2 * (34 + 10)) + (10 * 2 * 31)), floor.Bytes);
    }

    [Fact]
    public void Answers_read_the_weights_once_a_token()
    {
        var floor = Floor.Of(Micro.Counted, new Work(WorkKind.Answers, Rows: 2, Tokens: 3, Answer: 2) { AdapterRank = 2 });

        Assert.Equal(2 * ((4 * (34 + (3 * 31))) + (2 * 2 * (1 + 2 + 3 + 4)) + (2 * 10)), floor.MultiplyAdds);
        var cache = 2 * 2 * ((2 * 3) + 1);
        Assert.Equal(4 * ((2 * (34 + 10 + (4 * 31))) + (2 * cache)), floor.Bytes);
    }

    [Fact]
    public void Whichever_is_scarcer_decides()
    {
        Assert.Equal(5, new Floor(MultiplyAdds: 10, Bytes: 8).Seconds(multiplyAddsPerSecond: 2, bytesPerSecond: 4));
        Assert.Equal(4, new Floor(MultiplyAdds: 10, Bytes: 8).Seconds(multiplyAddsPerSecond: 10, bytesPerSecond: 2));
    }

    /// <summary>The sizes that Qwen3-0.6B is published with.</summary>
    [Fact]
    public void Qwen3_has_its_sizes()
    {
        var config = BenchShape.All["qwen3-0.6b"].Config;

        Assert.Equal(440_401_920, Floor.Sites(config));
        Assert.Equal(155_582_464, Floor.Head(config));
    }
}
