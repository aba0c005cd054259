namespace Pnl.Grains;

/// <summary>The API keys as they are stored, oldest first.</summary>
internal sealed class ApiKeyList
{
    public List<ApiKeyInfo> Keys { get; set; } = [];
}
