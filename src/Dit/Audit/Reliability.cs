namespace Dit.Audit;

/// <summary>How well confidences held on finetunes whose labels were known and that were not used to fit them.</summary>
/// <param name="Finetunes">How many there were.</param>
/// <param name="Right">Share of verdicts that were right.</param>
/// <param name="ExpectedCalibrationError">Mean distance of confidence and share of right verdicts over the bins, weighted by their counts.</param>
/// <param name="Bins">Confidences in ten equal bins; those without a finetune are left out.</param>
public sealed record Reliability(int Finetunes, double Right, double ExpectedCalibrationError, IReadOnlyList<ReliabilityBin> Bins);

/// <summary>Verdicts of about the same confidence.</summary>
/// <param name="From">Lowest confidence, inclusive.</param>
/// <param name="To">Highest confidence; exclusive but for 1.</param>
/// <param name="Count">How many verdicts.</param>
/// <param name="Confidence">Their mean confidence.</param>
/// <param name="Right">Share that was right.</param>
public sealed record ReliabilityBin(double From, double To, int Count, double Confidence, double Right);
