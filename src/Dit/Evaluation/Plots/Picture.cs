namespace Dit.Evaluation.Plots;

/// <summary>A drawing of few kinds of shapes, which any format can hold.</summary>
/// <param name="Width">In units of a pixel of a plain screen.</param>
/// <param name="Height">In the same units.</param>
/// <param name="Shapes">What is drawn, in that order.</param>
public sealed record Picture(double Width, double Height, IReadOnlyList<Shape> Shapes);

/// <summary>Something drawn; x runs to the right and y down.</summary>
public abstract record Shape;

/// <summary>A filled rectangle.</summary>
public sealed record Box(double X, double Y, double Width, double Height, Rgb Fill) : Shape;

/// <summary>A straight line.</summary>
public sealed record Stroke(double X1, double Y1, double X2, double Y2, Rgb Colour, double Width = 1) : Shape;

/// <summary>A bent line through some points.</summary>
/// <param name="Points">At least two.</param>
/// <param name="Colour">Of the line.</param>
/// <param name="Width">Of the line.</param>
/// <param name="IsDashed">Whether it is broken into dashes.</param>
public sealed record Bend(IReadOnlyList<(double X, double Y)> Points, Rgb Colour, double Width = 2, bool IsDashed = false) : Shape;

/// <summary>A filled area between some corners.</summary>
/// <param name="Points">At least three.</param>
/// <param name="Fill">Its colour.</param>
/// <param name="Opacity">1 hides what is below, 0 shows all of it.</param>
/// <param name="Outline">The colour of its border; null for none.</param>
public sealed record Patch(IReadOnlyList<(double X, double Y)> Points, Rgb Fill, double Opacity = 1, Rgb? Outline = null) : Shape;

/// <summary>A filled circle.</summary>
/// <param name="X">Its middle.</param>
/// <param name="Y">Its middle.</param>
/// <param name="Radius">Its radius.</param>
/// <param name="Fill">Its colour.</param>
/// <param name="Outline">The colour of its border; null for none.</param>
public sealed record Disc(double X, double Y, double Radius, Rgb Fill, Rgb? Outline = null) : Shape;

/// <summary>A line of text.</summary>
/// <param name="X">Where its start, middle or end is.</param>
/// <param name="Y">Its baseline.</param>
/// <param name="Text">What is written.</param>
/// <param name="Size">Height of the font.</param>
/// <param name="Colour">Of the letters.</param>
/// <param name="Anchor">What of it is at X.</param>
/// <param name="IsUpright">Turned to the left by a right angle about (X, Y).</param>
/// <param name="IsBold">In thick letters.</param>
public sealed record Label(double X, double Y, string Text, double Size, Rgb Colour, Anchor Anchor = Anchor.Start, bool IsUpright = false, bool IsBold = false) : Shape;

/// <summary>Which part of a text is at the point given.</summary>
public enum Anchor
{
    /// <summary>Its start.</summary>
    Start,

    /// <summary>Its middle.</summary>
    Middle,

    /// <summary>Its end.</summary>
    End,
}
