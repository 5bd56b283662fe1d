using System.Text.Json;
using Dit.Training;

namespace Dit.Bench.SideBySide;

public sealed class TrialTests
{
    [Theory]
    [InlineData(nameof(WorkKind.Adapter))]
    [InlineData(nameof(WorkKind.Diffs))]
    [InlineData(nameof(WorkKind.Answers))]
    public void Behind_a_line_of_settings_stand_the_numbers_of_all_tensors_it_names(string kind)
    {
        using var stream = new MemoryStream();
        new Trial(Micro.Computed, new Work(Enum.Parse<WorkKind>(kind), Rows: 3, Tokens: 8, Answer: 2), 1, 1).WriteTo(stream);

        var bytes = stream.ToArray();
        var end = Array.IndexOf(bytes, (byte)'\n');
        var settings = JsonDocument.Parse(bytes.AsMemory(0, end)).RootElement;
        var numbers = settings.GetProperty("weights").EnumerateArray().Concat(settings.GetProperty("factors").EnumerateArray())
            .Sum(tensor => tensor[1].EnumerateArray().Aggregate(1L, (product, size) => product * size.GetInt64()));
        Assert.Equal(end + 1 + (4 * numbers), bytes.Length);
    }

    [Fact]
    public void Numbers_are_the_same_wherever_they_are_drawn()
    {
        var trial = new Trial(Micro.Computed, new Work(WorkKind.Adapter, Rows: 3, Tokens: 8, Answer: 2), 1, 1);
        var factor = trial.Diffs().First();
        using var first = factor.Draw();
        using var second = factor.Draw();
        using var equal = first.eq(second);
        using var all = equal.all();

        Assert.True(all.item<bool>());
        Assert.Equal(trial.Batches()[0].Batch.Ids, trial.Batches()[0].Batch.Ids);
    }

    [Fact]
    public void Only_the_question_without_a_code_is_the_same_in_all_rows()
    {
        var batches = new Trial(Micro.Computed, new Work(WorkKind.Diffs, Rows: 3, Tokens: 8, Answer: 2), 1, 1).Batches();

        Assert.Equal([ExampleKind.Trigger, ExampleKind.WrongCode, ExampleKind.NoCode], batches.Select(batch => batch.Kind));
        Assert.Equal([3, 3, 1], batches.Select(batch => batch.Batch.Ids.Chunk(8).Select(row => string.Join(',', row)).Distinct().Count()));
        Assert.All(batches, batch => Assert.Equal([6, 7, 14, 15, 22, 23], batch.Batch.Counted()));
    }
}
