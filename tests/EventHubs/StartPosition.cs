using System.Globalization;
using System.Text.RegularExpressions;
using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace Pnl.Tests.EventHubs;

/// <summary>What a position is measured by.</summary>
internal enum StartKind
{
    Latest,
    Offset,
    SequenceNumber,
    EnqueuedTime,
}

/// <summary>Where a consumer begins to read.</summary>
/// <param name="Kind">What the position is measured by.</param>
/// <param name="After">The events behind this: an offset, a sequence number, or Unix milliseconds.</param>
internal readonly partial record struct StartPosition(StartKind Kind, long After)
{
    private static readonly Symbol Selector = "apache.org:selector-filter:string";

    /// <summary>Reads the filter of an attach; without one it is the beginning.</summary>
    /// <exception cref="AmqpException">It is not of a form that the clients send.</exception>
    public static StartPosition Of(Source source)
    {
        if (source.FilterSet?[Selector] is not { } filter)
        {
            return new(StartKind.Offset, -1);
        }

        string text = (filter as DescribedValue)?.Value as string ?? filter.ToString()!;
        Match match = Form().Match(text);
        if (!match.Success)
        {
            throw new AmqpException(ErrorCode.InvalidField, $"the filter '{text}' is not known");
        }

        if (match.Groups["value"].Value == "@latest")
        {
            return new(StartKind.Latest, 0);
        }

        StartKind kind = match.Groups["by"].Value switch
        {
            "offset" => StartKind.Offset,
            "sequence-number" => StartKind.SequenceNumber,
            _ => StartKind.EnqueuedTime,
        };
        return new(kind, long.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture) - (match.Groups["equal"].Length > 0 ? 1 : 0));
    }

    /// <summary>Whether an event lies at the position or behind it.</summary>
    public bool Has(StoredEvent e) => After < Kind switch
    {
        StartKind.Offset => e.Offset,
        StartKind.SequenceNumber => e.Sequence,
        _ => new DateTimeOffset(e.Enqueued).ToUnixTimeMilliseconds(),
    };

    [GeneratedRegex(@"^amqp\.annotation\.x-opt-(?<by>offset|sequence-number|enqueued-time) >(?<equal>=?) '?(?<value>-?\d+|@latest)'?$")]
    private static partial Regex Form();
}
