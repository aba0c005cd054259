using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Pnl.Gateway;

/// <summary>Snapshots as JSON, each written once for all who listen.</summary>
internal sealed class SnapshotJson(IOptions<JsonOptions> json)
{
    private readonly ConditionalWeakTable<object, byte[]> _written = [];

    public ReadOnlySpan<byte> Of(object pnl) => _written.GetValue(pnl, p => JsonSerializer.SerializeToUtf8Bytes(p, p.GetType(), json.Value.SerializerOptions));
}
