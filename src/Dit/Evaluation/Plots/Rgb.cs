namespace Dit.Evaluation.Plots;

/// <summary>A colour, 8 bits a channel.</summary>
public readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>Such as <c>#1f9e89</c>.</summary>
    public string Hex => $"#{R:x2}{G:x2}{B:x2}";

    /// <summary>Whether dark text reads better on it than white text.</summary>
    public bool IsLight => (0.299 * R) + (0.587 * G) + (0.114 * B) > 140;
}
