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
        if (life is [var all])
        {
            screen.Say($"Its bars are those of {ListingText.Of(all.Source, all.Symbol, all.Quote, all.Interval)}.");
        }
        else if (life.Length > 1)
        {
            screen.Show(Life(life));
        }

        if (token.Listings is [var only] && IsListed(token, only))
        {
            if (!only.IsFetched)
            {
                screen.Say($"Its listing {ListingText.Of(only.Listing)} was never fetched.");
            }
        }
        else if (token.Listings.Length > 0)
        {
            screen.Show(Listings(token));
        }

        foreach (ListingState listing in token.Listings)
        {
            if (listing.NotConverted is { } why)
            {
                screen.Say($"[yellow]Of {ListingText.Of(listing.Listing)} no bar is taken:[/] {why}.");
            }
        }
    }

    private static bool IsListed(TokenCoverage token, ListingState state) => token.Token.Listings.Contains(state.Listing);

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
        int place = 0;
        (string, ListingState)[] rows = [.. token.Listings.Select(state => (IsListed(token, state) ? (++place).ToString(CultureInfo.InvariantCulture) : "-", state))];
        return new(
            rows, new("#", r => r.Place), new("listing", r => ListingText.Of(r.State.Listing)), new("bars kept", r => r.State.IsFetched ? r.State.Bars : "not yet"),
            new("first", r => Utc.Day(r.State.FirstBar)), new("last", r => Utc.Day(r.State.LastBar)))
        {
            Title = "listings, the preferred one first",
            Caption = place < rows.Length ? "- no listing of the token any more" : null,
        };
    }
}
