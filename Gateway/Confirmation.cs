namespace Pnl.Gateway;

/// <summary>What cannot be had back is confirmed by naming it once more.</summary>
internal static class Confirmation
{
    /// <exception cref="ApiException">It is not confirmed, or something else is.</exception>
    public static void Check(string id, string? confirm)
    {
        if (confirm != id)
        {
            throw ApiException.BadRequest(
                "confirm.missing", confirm is null ? (ProblemText)$"What is deleted cannot be had back, and it is not confirmed." : $"'{confirm}' is confirmed, and '{id}' would be deleted.",
                "confirm", "the id of what is deleted, once more");
        }
    }
}
