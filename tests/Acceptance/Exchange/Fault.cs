using System.Text;
using Pnl.Rates.Simulation;

namespace Pnl.Tests.Acceptance.Exchange;

/// <summary>What may go wrong with an answer.</summary>
internal enum Fault
{
    None,

    /// <summary>Status 500, with Binance's error.</summary>
    InternalError,

    /// <summary>Status 503, with a page of HTML.</summary>
    Unavailable,

    /// <summary>The right answer, late.</summary>
    Slow,

    /// <summary>Half of the body behind the headers of the whole, then the end of the connection.</summary>
    CutOff,

    /// <summary>Half of the body as if it were the whole.</summary>
    HalfJson,

    /// <summary>JSON of another shape.</summary>
    OtherJson,

    /// <summary>A page of HTML with status 200.</summary>
    Html,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>Status 200 with nothing at all.</summary>
    NoBody,

    /// <summary>A page without candles of a time that has some.</summary>
    EmptyPage,
}

/// <summary>Which requests go wrong, and how: by seed, page and try, so that it is the same in every run.</summary>
internal sealed class Faults(int seed, double share)
{
    /// <summary>After so many tries in a row an answer is right, so that no run depends on luck.</summary>
    private const int MostInARow = 3;

    private static readonly int Kinds = Enum.GetValues<Fault>().Length - 1;

    /// <summary>The fate of a try.</summary>
    /// <param name="what">What is asked for.</param>
    /// <param name="tried">How often it was asked for before.</param>
    public Fault Of(string what, int tried)
    {
        ulong key = Encoding.UTF8.GetBytes(what).Aggregate(SeededHash.At((ulong)seed, tried), (hash, octet) => SeededHash.At(hash, octet));
        Fault fault = SeededHash.Unit(SeededHash.At(key, 0)) < share ? (Fault)(1 + SeededHash.At(key, 1) % (ulong)Kinds) : Fault.None;

        // A page that is shown empty again and again is empty: nobody could tell.
        return tried % (MostInARow + 1) is var inARow && (inARow == MostInARow || (fault == Fault.EmptyPage && inARow > 0)) ? Fault.None : fault;
    }

    /// <summary>How late a slow answer is: up to a second and a half.</summary>
    public TimeSpan Delay(string what) => TimeSpan.FromMilliseconds(200 + SeededHash.Unit(SeededHash.At((ulong)seed, what.Length + what[^1])) * 1300);
}
