using Pnl.Grains;

namespace Pnl.Client;

/// <summary>A change of a ledger was refused, and nothing of it was taken.</summary>
public sealed class LedgerRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public LedgerRefusedException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public LedgerRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and what led to it.</summary>
    public LedgerRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Creates the exception for what was refused.</summary>
    public LedgerRefusedException(RefusedEntry refused)
        : base($"the entry '{refused?.EntryId}' cannot be taken: {refused?.Field}: {refused?.Detail}") => Refused = refused;

    /// <summary>What is wrong, and with which entry.</summary>
    public RefusedEntry? Refused { get; }
}
