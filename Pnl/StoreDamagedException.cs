namespace Pnl;

/// <summary>What is stored of a portfolio, a grain or the like is not what was written: its checksum does not hold.</summary>
public sealed class StoreDamagedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StoreDamagedException()
    {
    }

    /// <summary>Creates the exception with a message that names what is damaged.</summary>
    public StoreDamagedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and what led to it.</summary>
    public StoreDamagedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
