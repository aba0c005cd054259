namespace Pnl.Grains;

/// <summary>State of which some is good though its checksum does not hold: its grain finds out what, by checksums of the parts.</summary>
internal interface IKeptInParts
{
    /// <summary>Takes what is stored as it is, in place of being read.</summary>
    /// <param name="text">The JSON, which may be none any more.</param>
    void TakeDamaged(string text);
}
