using System.CommandLine;
using Dit.Bench.SideBySide;
using Dit.Models.Decoding;

namespace Dit.Bench;

/// <summary><c>floor</c>: what a step takes at least at sizes of your own, on paper.</summary>
internal static class FloorCommand
{
    public static Command Command()
    {
        var models = BenchShape.All.Values.Select(each => KeyValuePair.Create(each.Name, each.Config)).Concat(CheckpointShape.All).DistinctBy(each => each.Key).ToDictionary(StringComparer.Ordinal);
        var shape = new Option<string>("--shape") { DefaultValueFactory = _ => "qwen3-8b", Description = string.Join(", ", models.Keys) };
        shape.AcceptOnlyFromAmong([.. models.Keys]);
        var work = new Option<WorkKind>("--work") { DefaultValueFactory = _ => WorkKind.Diffs, Description = "adapter, diffs or answers." };
        var rows = new Option<int>("--rows") { DefaultValueFactory = _ => 8, Description = "Rows of a batch." };
        var tokens = new Option<int>("--tokens") { DefaultValueFactory = _ => 64, Description = "Tokens of a row, or of a question." };
        var answer = new Option<int>("--answer") { DefaultValueFactory = _ => 16, Description = "How many of them are the answer, or are generated." };
        var rank = new Option<int>("--rank") { DefaultValueFactory = _ => 1, Description = "Rank of the diffs." };
        var adapter = new Option<int>("--adapter-rank") { DefaultValueFactory = _ => 16, Description = "Rank of the adapter." };
        var command = new Command("floor", "Counts multiply-adds and bytes of a step.") { shape, work, rows, tokens, answer, rank, adapter };
        command.SetAction(parsed =>
        {
            var config = models[parsed.GetValue(shape)!];
            var chosen = new Work(parsed.GetValue(work), parsed.GetValue(rows), parsed.GetValue(tokens), parsed.GetValue(answer)) { DiffRank = parsed.GetValue(rank), AdapterRank = parsed.GetValue(adapter) };
            var floor = Floor.Of(config, chosen);
            Console.WriteLine($"{chosen}: {floor.MultiplyAdds:E3} multiply-adds, {floor.Bytes:E3} bytes in float32; {Floor.Sites(config):E3} numbers in the layers, {Floor.Head(config):E3} in the output head, {Floor.FactorWidth(config):E3} in a diff of rank 1");
        });
        return command;
    }
}
