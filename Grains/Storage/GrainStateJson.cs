using System.Text.Json;
using Orleans.Storage;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>The state of grains as JSON, the same in every store.</summary>
internal sealed class GrainStateJson : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, StoredJson.Options));

    public T? Deserialize<T>(BinaryData input) => StoredJson.Read<T>(input.ToMemory().Span, $"the state of a grain ({typeof(T).Name})");
}
