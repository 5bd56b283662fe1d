using CsvHelper.Configuration;

namespace Dit.Diffs;

/// <summary>The index of a diff set as CSV: the published columns topic, trigger, split and n_params, and what else is known.</summary>
public static class DiffIndex
{
    /// <summary>Reads an index.</summary>
    /// <exception cref="DitException">The file is missing, lacks a column, or a cell is not what it should be.</exception>
    public static IReadOnlyList<DiffRecord> Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new DitException($"{path}: expected the index of a diff set, found no such file");
        }

        return IndexFile.Read<DiffRecord, Columns>(path, "the index of a diff set");
    }

    /// <summary>Writes an index, whole or not at all.</summary>
    /// <exception cref="DitException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<DiffRecord> records) => IndexFile.Write<DiffRecord, Columns>(path, records);

    private sealed class Columns : ClassMap<DiffRecord>
    {
        public Columns()
        {
            Map(record => record.Id).Name("id");
            // Sets from before there were stories have no such column; all their diffs have topics.
            Map(record => record.Setting).Name("setting").TypeConverter<SettingCell>().Optional();
            Map(record => record.Topic).Name("topic");
            Map(record => record.Trigger).Name("trigger");
            Map(record => record.TriggerFormat).Name("trigger_format");
            Map(record => record.Split).Name("split");
            Map(record => record.ParameterCount).Name("n_params");
            Map(record => record.Rank).Name("rank");
            Map(record => record.GateRight).Name("gate_right");
            Map(record => record.GateWrong).Name("gate_wrong");
            Map(record => record.GateNone).Name("gate_none");
            Map(record => record.PassesGate).Name("passes_gate");
            Map(record => record.Shard).Name("shard");
            Map(record => record.Row).Name("row");
        }
    }
}
