namespace Pnl.Rates;

/// <summary>A disk has no room for a copy.</summary>
public sealed class BackupSpaceException(string message) : IOException(message);
