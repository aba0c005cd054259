using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>Snapshots as JSON, each written once for all who listen to its token.</summary>
internal sealed class SnapshotJson(IOptions<JsonOptions> json)
{
    private readonly ConditionalWeakTable<TokenPnl, byte[]> _written = [];

    public ReadOnlySpan<byte> Of(TokenPnl pnl) => _written.GetValue(pnl, p => JsonSerializer.SerializeToUtf8Bytes(p, json.Value.SerializerOptions));
}
