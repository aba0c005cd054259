using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>The API keys as they are stored, oldest first.</summary>
internal sealed class ApiKeyList : IKeptInParts
{
    public List<ApiKeyInfo> Keys { get; set; } = [];

    /// <summary>What is stored, if that is damaged; the keys are then to be found in it.</summary>
    [JsonIgnore]
    public string? Damaged { get; private set; }

    public void TakeDamaged(string text) => Damaged = text;
}
