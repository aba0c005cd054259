namespace Pnl.Rates;

/// <summary>
/// Files of the past, played as if their bars became known now, boundary by boundary. All bars lie in memory, 12 bytes each:
/// it is for hours and years of some tokens, not for all that ever traded.
/// </summary>
/// <param name="files">The files, as a source of candles.</param>
/// <param name="speed">How many times faster than time; null for as fast as they are taken.</param>
public sealed class ReplaySource(ICandleSource files, double? speed) : IRateSource
{
    /// <inheritdoc/>
    public string Name => files.Name;

    /// <summary>From the first bar of all files to the last; once they are listed.</summary>
    public RatePace? Pace { get; private set; }

    /// <summary>What comes before it plays is not to be known yet.</summary>
    public bool HasHistory => false;

    /// <summary>A token a file of 5-minute bars; of a token that has files in several currencies, the one that <see cref="QuotePreference"/> puts first.</summary>
    /// <exception cref="SourceException">A file cannot be read, or no file has a bar.</exception>
    public async ValueTask<IReadOnlyList<SourceToken>> ListAsync(CancellationToken cancellation)
    {
        List<SourceToken> tokens = [];
        (int first, int end) = (int.MaxValue, 0);
        foreach (SourcePair pair in QuotePreference.OnePerToken((await files.ListAsync(cancellation)).Where(pair => pair.Interval == Interval.FiveMinutes)))
        {
            Candles candles = await ReadAsync(pair, cancellation);
            if (candles.Count > 0)
            {
                tokens.Add(new Listed(candles, pair.Base, new()
                {
                    Symbol = pair.Base.ToUpperInvariant(),
                    Name = pair.Base.ToUpperInvariant(),
                    Quote = pair.Quote,
                    Sources = new Dictionary<string, string> { [files.Name] = pair.Symbol },
                }));
                (first, end) = (Math.Min(first, candles.Slots[0]), Math.Max(end, candles.Slots[^1] + 1));
            }
        }

        Pace = tokens.Count > 0 ? new(new(first, end), speed) : throw new SourceException("source.empty", $"{files.Name}: there is no file with a bar to play.", isTransient: false);
        return tokens;
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(SourceToken token, SlotRange range, Memory<Bar> into, CancellationToken cancellation)
    {
        Candles candles = ((Listed)token).Candles;
        int count = 0;
        for (int i = candles.IndexAtOrAfter(range.From); i < candles.Count && candles.Slots[i] < range.To; i++)
        {
            into.Span[count++] = new(candles.Slots[i], candles.Close[i]);
        }

        return new(count);
    }

    private async Task<Candles> ReadAsync(SourcePair pair, CancellationToken cancellation)
    {
        List<Candles> pages = [];
        SlotRange rest = new(0, BarTime.MaxSlot);
        while (!rest.IsEmpty)
        {
            CandlePage page = await files.ReadAsync(pair, rest, cancellation);
            if (page.Covered.IsEmpty)
            {
                break;
            }

            pages.Add(Candles.Of(page.Candles));
            rest = rest with { From = page.Covered.To };
        }

        return Candles.Concat(pages);
    }

    /// <summary>A token with its bars.</summary>
    private sealed record Listed(Candles Candles, string Id, TokenRegistration Registration) : SourceToken(Id, Registration);
}
