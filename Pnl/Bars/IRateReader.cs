namespace Pnl;

/// <summary>Rates of one token, row by row, in the order in which they were written; read once, by one thread.</summary>
public interface IRateReader : IDisposable
{
    /// <summary>Reads the next row, good or bad, without allocating.</summary>
    /// <param name="row">The row; the default if there is none.</param>
    /// <returns>Whether there was one more.</returns>
    /// <exception cref="RateFileException">What follows cannot be read at all.</exception>
    bool TryRead(out RateRow row);
}
