namespace Pnl;

/// <summary>Stored bars are not what was written: a checksum, a version or a structure does not hold.</summary>
public sealed class SegmentCorruptException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SegmentCorruptException()
    {
    }

    /// <summary>Creates the exception with a message that says what does not hold.</summary>
    public SegmentCorruptException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and what led to it.</summary>
    public SegmentCorruptException(string message, Exception inner)
        : base(message, inner)
    {
    }

    internal static SegmentCorruptException Block(string part) => new($"a day's block of bars is malformed in its {part}");
}
