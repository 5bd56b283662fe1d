namespace Dit.Evaluation.Experiments;

/// <summary>How an experiment's rows are drawn.</summary>
/// <param name="Title">Above the plot.</param>
public abstract record Plotted(string Title);

/// <summary>A bar for each row with its interval.</summary>
/// <param name="Title">Above the plot.</param>
public sealed record PlottedBars(string Title) : Plotted(Title);

/// <summary>A curve over numbers that are the rows' names, each point with its interval; rows whose name is no number are left out.</summary>
/// <param name="Title">Above the plot.</param>
/// <param name="Across">What the numbers are; drawn on a logarithmic scale.</param>
public sealed record PlottedCurve(string Title, string Across) : Plotted(Title);
