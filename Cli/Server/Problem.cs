namespace Pnl.Cli.Server;

/// <summary>An error as the server tells it: problem details of RFC 9457 with a stable code.</summary>
internal sealed record Problem(string? Title, int? Status, string? Detail, string? Code, string? Field)
{
    /// <summary>Title, code and detail in a line.</summary>
    public override string ToString()
    {
        string text = Title ?? "The server refused";
        if (Code is not null)
        {
            text += $" [{Code}]";
        }

        return Detail is null ? text : $"{text}: {Detail}";
    }
}
