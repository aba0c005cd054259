namespace Pnl;

/// <summary>The sign that stands before the fraction of a number; the other one, if it is there, parts thousands.</summary>
public enum DecimalMark : byte
{
    /// <summary>A point: <c>1,234.5</c>.</summary>
    Point,

    /// <summary>A comma: <c>1.234,5</c>.</summary>
    Comma,
}
