using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>One of the paper's experiments: what is varied, and what is measured.</summary>
public interface IExperiment
{
    /// <summary>What it is called on the command line, such as <c>data-scaling</c>.</summary>
    string Name { get; }

    /// <summary>What it asks, in one line.</summary>
    string Question { get; }

    /// <summary>The settings whose behaviours it needs.</summary>
    IReadOnlyList<Setting> Settings { get; }

    /// <summary>Trains and asks what is not there yet.</summary>
    /// <exception cref="DitException">Something does not fit the base, or a file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; finished parts are kept.</exception>
    Findings Run(Laboratory lab);
}
