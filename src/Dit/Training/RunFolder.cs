using System.Text.Json;
using System.Text.Json.Serialization;
using Dit.Files;

namespace Dit.Training;

/// <summary>
/// A run on disk that a person can read and a killed process can go on with: <c>run.json</c> (what is run, with every setting and seed)
/// and <c>metrics.jsonl</c> (a line of JSON a step). Checkpoints and results lie beside them.
/// </summary>
public sealed class RunFolder
{
    private const int Version = 1;
    private const string FileName = "run.json";
    internal const string MetricsName = "metrics.jsonl";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    // The loss of a training that went wrong may be no number, which is what its metrics have to show.
    private static readonly JsonSerializerOptions Metrics = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private RunFolder(string path) => FolderPath = path;

    /// <summary>The folder.</summary>
    public string FolderPath { get; }

    private string MetricsPath => Path.Combine(FolderPath, MetricsName);

    /// <summary>The path of a file of this run.</summary>
    public string File(string name) => Path.Combine(FolderPath, name);

    /// <summary>Starts a run in a new or empty folder, or opens the same run again.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="kind">What is run, such as <c>adapter-training</c>.</param>
    /// <param name="settings">Everything that decides the result; an opened run must have the same.</param>
    /// <param name="work">How much there is to do, for those who look on; it follows from the settings and is not compared.</param>
    /// <exception cref="DitException">The folder holds another run, a run of another version, or something else.</exception>
    public static RunFolder OpenOrCreate(string path, string kind, object settings, object? work = null)
    {
        var file = Path.Combine(path, FileName);
        var wanted = work is null
            ? JsonSerializer.SerializeToElement(new { kind, version = Version, settings }, Indented)
            : JsonSerializer.SerializeToElement(new { kind, version = Version, settings, work }, Indented);

        // Looked through first: another process that has put files here in this moment has put run.json here before them.
        var others = Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(entry => !entry.EndsWith(AtomicFile.PartialSuffix, StringComparison.Ordinal));
        if (!System.IO.File.Exists(file))
        {
            if (others)
            {
                throw new DitException($"{path}: expected an empty folder or an earlier run, found files but no {FileName}");
            }

            if (AtomicFile.TryCreateText(file, JsonSerializer.Serialize(wanted, Indented) + "\n"))
            {
                return new RunFolder(path);
            }
        }

        RequireSame(file, Read(file), wanted);
        return new RunFolder(path);
    }

    /// <summary>What an existing run says of itself: kind, version, settings and perhaps work.</summary>
    /// <exception cref="DitException">There is none, or it is damaged or of another version.</exception>
    internal static JsonElement Description(string path)
    {
        var file = Path.Combine(path, FileName);
        if (!System.IO.File.Exists(file))
        {
            throw new DitException($"{path}: expected the folder of a run, found {(Directory.Exists(path) ? $"no {FileName}" : "no such folder")}");
        }

        var run = Read(file);
        RequireKindAndVersion(file, run, kind: null);
        return run;
    }

    /// <summary>The settings of an existing run.</summary>
    /// <exception cref="DitException">There is none, or it is of another kind or version.</exception>
    public static JsonElement Settings(string path, string kind)
    {
        var file = Path.Combine(path, FileName);
        if (!System.IO.File.Exists(file))
        {
            throw new DitException($"{path}: expected a run of kind {kind}, found no {FileName}");
        }

        var run = Read(file);
        RequireKindAndVersion(file, run, kind);
        return run.GetProperty("settings");
    }

    /// <summary>Adds a line of metrics.</summary>
    public void AppendMetrics(object line)
    {
        try
        {
            System.IO.File.AppendAllText(MetricsPath, MetricsLine(line) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DitException($"{MetricsPath}: could not be written: {e.Message}", e);
        }
    }

    /// <summary>A line of metrics as it is written, without its end.</summary>
    internal static string MetricsLine(object line) => JsonSerializer.Serialize(line, Metrics);

    /// <summary>Drops the metrics of steps after a checkpoint, which will be done again.</summary>
    /// <param name="lines">How many lines stay.</param>
    public void KeepMetrics(int lines)
    {
        if (System.IO.File.Exists(MetricsPath))
        {
            AtomicFile.WriteText(MetricsPath, string.Concat(System.IO.File.ReadLines(MetricsPath).Take(lines).Select(line => line + "\n")));
        }
    }

    private static JsonElement Read(string file)
    {
        try
        {
            var run = JsonSerializer.Deserialize<JsonElement>(WholeFile.ReadBytes(file));
            RequireText(run);
            return run;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new DitException($"{file}: expected the settings of a run as JSON, found a damaged file: {e.Message}", e);
        }
    }

    /// <summary>Looks at all text inside once: the parser reports what is no Unicode only when it is asked for.</summary>
    private static void RequireText(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            _ = element.GetString();
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                RequireText(item);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                _ = member.Name;
                RequireText(member.Value);
            }
        }
    }

    private static void RequireSame(string file, JsonElement found, JsonElement wanted)
    {
        RequireKindAndVersion(file, found, wanted.GetProperty("kind").GetString()!);
        var (now, then) = (wanted.GetProperty("settings"), found.GetProperty("settings"));
        var differing = Names(now, then).Where(name => !AreSame(Value(now, name), Value(then, name))).ToArray();
        if (differing.Length > 0)
        {
            throw new DitException($"{file}: expected a run with the same settings to go on with, found other values of {string.Join(", ", differing)}");
        }
    }

    // A setting that came about later, such as one of a recipe, is not in an older run; nothing, no and none stand for that.
    private static bool AreSame(JsonElement? one, JsonElement? other) => (one, other) switch
    {
        ({ ValueKind: JsonValueKind.Object } a, { ValueKind: JsonValueKind.Object } b) => Names(a, b).All(name => AreSame(Value(a, name), Value(b, name))),
        ({ } a, { } b) => JsonElement.DeepEquals(a, b),
        _ => IsNothing(one ?? other!.Value),
    };

    private static bool IsNothing(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null or JsonValueKind.False || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);

    private static IEnumerable<string> Names(JsonElement one, JsonElement other) =>
        one.EnumerateObject().Concat(other.EnumerateObject()).Select(setting => setting.Name).Distinct(StringComparer.Ordinal);

    private static JsonElement? Value(JsonElement settings, string name) => settings.TryGetProperty(name, out var value) ? value : null;

    private static void RequireKindAndVersion(string file, JsonElement found, string? kind)
    {
        if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty("kind", out var foundKind) || !found.TryGetProperty("settings", out var settings)
            || settings.ValueKind != JsonValueKind.Object || !found.TryGetProperty("version", out var version) || version.ValueKind != JsonValueKind.Number)
        {
            throw new DitException($"{file}: expected kind, version and settings of a run, found something else");
        }

        if (!version.TryGetInt32(out var number) || number != Version || (kind is not null && foundKind.ToString() != kind))
        {
            throw new DitException($"{file}: expected a run of {(kind is null ? "" : $"kind {kind}, ")}version {Version}, found {foundKind}, version {version}");
        }
    }
}
