using System.Globalization;
using Pnl.Cli.Output;
using Pnl.Cli.Tokens;
using Pnl.Grains;

namespace Pnl.Cli.Show;

/// <summary>Whose rates a token has, and what is kept of its listings.</summary>
internal static class LifeTables
{
    /// <summary>The newest ranges of a life are shown, so many at most.</summary>
    public const int MostRanges = 20;

    public static void Write(Screen screen, TokenCoverage token)
    {
        LifeRange[] life = token.Life;
        if (life is [var whole])
        {
            screen.Say($"Its bars are those of {ListingText.Of(whole.Source, whole.Symbol, whole.Quote, whole.Interval)}.");
        }
        else if (life.Length > 1)
        {
            screen.Show(Life(life));
        }

        ListingState[] all = [.. token.Listings, .. token.FormerListings];
        if (token is { Listings: [var only], FormerListings: [] })
        {
            if (only.NeverFetched)
            {
                screen.Say($"Its listing {ListingText.Of(only.Listing)} was never fetched.");
            }
        }
        else if (all.Length > 0)
        {
            screen.Show(Listings(token));
        }

        foreach (ListingState listing in all)
        {
            if (listing.NotConverted is { } why)
            {
                screen.Say($"[yellow]Of {ListingText.Of(listing.Listing)} no bar is taken:[/] {why}.");
            }
        }
    }

    private static Sheet<LifeRange> Life(LifeRange[] life)
    {
        int others = life.Length - MostRanges;
        return new([.. life.TakeLast(MostRanges)], new("from", r => r.From), new("to", r => r.To), new("listing", r => ListingText.Of(r.Source, r.Symbol, r.Quote, r.Interval)), new("bars", r => r.Bars))
        {
            Title = "whose rates",
            Caption = others > 0 ? string.Create(CultureInfo.InvariantCulture, $"the newest ranges; there are {others:N0} before them") : null,
        };
    }

    private static Sheet<(string Place, ListingState State)> Listings(TokenCoverage token)
    {
        (string, ListingState)[] rows =
            [.. token.Listings.Select((state, i) => ((i + 1).ToString(CultureInfo.InvariantCulture), state)), .. token.FormerListings.Select(state => ("-", state))];
        return new(
            rows, new("#", r => r.Place), new("listing", r => ListingText.Of(r.State.Listing)), new("bars kept", r => r.State.NeverFetched ? "not yet" : r.State.Bars),
            new("first", r => Utc.Day(r.State.FirstBar)), new("last", r => Utc.Day(r.State.LastBar)))
        {
            Title = "listings, the preferred one first",
            Caption = token.FormerListings.Length > 0 ? "- no listing of the token any more" : null,
        };
    }
}
