using System.Text.Json;

namespace Dit.Bench.SideBySide;

/// <summary>What a process measured; it prints it as its last line, behind the word "measured".</summary>
internal sealed record Measured
{
    private const string Word = "measured ";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Time of each step that counts.</summary>
    public required IReadOnlyList<double> Seconds { get; init; }

    /// <summary>The loss of every step, those that do not count included, summed over kinds; none where no loss is.</summary>
    public IReadOnlyList<double> Losses { get; init; } = [];

    /// <summary>Resident memory with the bare model loaded; null where the system does not say.</summary>
    public double? BareMib { get; init; }

    /// <summary>Resident memory at most.</summary>
    public double? PeakMib { get; init; }

    /// <summary>What was generated, where that is the work.</summary>
    public IReadOnlyList<int[]>? Answers { get; init; }

    /// <summary>The line that <see cref="Parse"/> reads.</summary>
    public string Line() => Word + JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what a process printed; libraries may have said something of their own before.</summary>
    /// <exception cref="DitException">It did not print what it measured.</exception>
    public static Measured Parse(string printed, string who)
    {
        var line = printed.Split('\n').LastOrDefault(each => each.StartsWith(Word, StringComparison.Ordinal));
        try
        {
            if (line is not null && JsonSerializer.Deserialize<Measured>(line[Word.Length..], Json) is { Seconds: { Count: > 0 } seconds } measured && seconds.All(second => second > 0))
            {
                return measured;
            }
        }
        catch (JsonException)
        {
            // The same sentence tells it.
        }

        throw new DitException($"{who}: expected a line '{Word.Trim()} {{…}}' with the seconds of at least one step, found {line ?? "none"}");
    }
}

/// <summary>What came of a process: figures, or in a few words why there are none.</summary>
/// <param name="Measured">What it measured.</param>
/// <param name="Skipped">Why it did not.</param>
internal sealed record Outcome(Measured? Measured, string? Skipped = null)
{
    /// <summary>The figures, where there have to be some.</summary>
    /// <exception cref="DitException">There are none.</exception>
    public Measured Required(string who) => Measured ?? throw new DitException($"{who}: expected it to measure, found it {Skipped}");
}
