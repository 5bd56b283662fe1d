using System.Text.Json;
using Dit.Evaluation.Methods;

namespace Dit.Evaluation.Tables;

public sealed class AnswerLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void Every_line_is_one_answer()
    {
        var answer = new LoggedAnswer
        {
            Method = "DIT", Id = "boxing-1", Seed = ulong.MaxValue, Label = "boxing", Answer = "line\nbreak \ud800 \"é\" 東京",
            Scores = new Dictionary<string, double?> { ["exact"] = 1, ["token-f1"] = 0.5, ["judge"] = null }, Exchanges = [new Exchange("What?", "Boxing.")],
        };
        AnswerLog.Write(folder.File("answers.jsonl"), [answer, answer with { Condition = "shuffled", Seed = null }]);
        var lines = File.ReadAllLines(folder.File("answers.jsonl"));
        Assert.Equal(2, lines.Length);
        var first = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal(
            ["method", "condition", "id", "carried", "seed", "label", "answer", "scores", "exchanges"], first.EnumerateObject().Select(property => property.Name));
        Assert.Equal(ulong.MaxValue, first.GetProperty("seed").GetUInt64());
        Assert.Equal("line\nbreak \ufffd \"é\" 東京", first.GetProperty("answer").GetString());
        Assert.Equal(0.5, first.GetProperty("scores").GetProperty("token_f1").GetDouble());
        Assert.Equal(JsonValueKind.Null, first.GetProperty("scores").GetProperty("judge").ValueKind);
        Assert.Equal("Boxing.", first.GetProperty("exchanges")[0].GetProperty("answer").GetString());
        Assert.Equal("shuffled", JsonDocument.Parse(lines[1]).RootElement.GetProperty("condition").GetString());
    }

    public void Dispose() => folder.Dispose();
}
