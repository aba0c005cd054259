using System.Text.Json.Serialization;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>A listing as a registration names it.</summary>
internal sealed record ListingRequest(
    string? Source = null, string? Symbol = null, string? Quote = null, string? Interval = null,
    [property: JsonConverter(typeof(DateOrTimeConverter))] DateTimeOffset? From = null,
    [property: JsonConverter(typeof(DateOrTimeConverter))] DateTimeOffset? To = null);
