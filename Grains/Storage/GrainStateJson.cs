using System.Text.Json;
using Orleans.Storage;

namespace Pnl.Grains;

/// <summary>The state of grains as JSON, the same in every store.</summary>
internal sealed class GrainStateJson : IGrainStorageSerializer
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web);

    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options);
}
