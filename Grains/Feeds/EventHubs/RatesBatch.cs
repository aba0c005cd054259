using System.Globalization;
using System.Text;
using Orleans.Runtime;
using Orleans.Streaming.EventHubs;
using Orleans.Streams;

namespace Pnl.Grains;

/// <summary>An event of a hub on its way to the grain of its stream, as it lay in the hub; it is read where it arrives.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.RatesBatch")]
internal sealed class RatesBatch(StreamId streamId, string offset, long sequence, byte[] body, string? source = null) : IBatchContainer
{
    private const int MostShown = 4000;

    [Id(0)]
    private readonly StreamId _streamId = streamId;

    [Id(1)]
    private readonly string _offset = offset;

    [Id(2)]
    private readonly long _sequence = sequence;

    [Id(3)]
    private readonly byte[] _body = body;

    [Id(4)]
    private readonly string? _source = source;

    public StreamId StreamId => _streamId;

    public StreamSequenceToken SequenceToken => new EventHubSequenceTokenV2(_offset, _sequence, 0);

    /// <summary>One event with all its bars. Of what cannot be read it says so, since an error here would hold up the stream.</summary>
    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() => Read() is T rates ? [Tuple.Create(rates, SequenceToken)] : [];

    public bool ImportRequestContext() => false;

    private RatesEvent Read()
    {
        if (_source is not null && !TokenId.IsValid(_source))
        {
            return new([], [], [], null, [Unread(new(null, "source.malformed", $"its property '{RatesEventAdapter.SourceProperty}' is no name of a source"))]);
        }

        BarsEvent bars = BarsEvent.Read(_body);
        return new(bars.Tokens, bars.Times, bars.Rates, bars.CoveredFrom, bars.Defects.Count == 0 ? null : [.. bars.Defects.Select(Unread)], _source);
    }

    private UnreadBar Unread(EventDefect defect)
    {
        string place = string.Create(CultureInfo.InvariantCulture, $"event {_sequence} at offset {_offset}: {defect.Detail}");
        return defect.Token is { } token
            ? new(token, defect.Code, place)
            : new(_streamId.GetKeyAsString(), defect.Code, $"{place}: {Encoding.UTF8.GetString(_body.AsSpan(0, Math.Min(_body.Length, MostShown)))}");
    }
}
