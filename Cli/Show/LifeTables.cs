using System.Globalization;
using Pnl.Cli.Server;
using Pnl.Cli.Tokens;
using Spectre.Console;

namespace Pnl.Cli.Show;

/// <summary>Whose rates a token has, and what is kept of its listings; 80 columns wide at most where symbols are not long.</summary>
internal static class LifeTables
{
    /// <summary>The newest ranges of a life are shown, so many at most.</summary>
    public const int MostRanges = 20;

    public static void Write(IAnsiConsole console, TokenAnswer token)
    {
        (LifeAnswer[] life, ListingAnswer[] listings, ListingAnswer[] former) = (token.Life ?? [], token.Listings ?? [], token.FormerListings ?? []);
        if (life.Length == 1)
        {
            LifeAnswer all = life[0];
            console.MarkupLineInterpolated($"Its bars are those of {ListingText.Of(all.Source, all.Symbol, all.Quote, all.Interval)}.");
        }
        else if (life.Length > 1)
        {
            console.Write(Life(life));
        }

        if (listings.Length + former.Length == 1 && listings is [{ } only])
        {
            if (only.NeverFetched)
            {
                console.MarkupLineInterpolated($"Its listing {ListingText.Of(only)} was never fetched.");
            }
        }
        else if (listings.Length + former.Length > 0)
        {
            console.Write(Listings(listings, former));
        }

        foreach (ListingAnswer listing in listings.Concat(former))
        {
            if (listing.NotConverted is { } why)
            {
                console.MarkupLineInterpolated($"[yellow]Of {ListingText.Of(listing)} no bar is taken:[/] {why}.");
            }
        }
    }

    private static Table Life(LifeAnswer[] life)
    {
        Table table = new Table().Border(TableBorder.Rounded).Title("whose rates").AddColumns("from", "to", "listing").AddColumn(new TableColumn("bars").RightAligned());
        foreach (LifeAnswer range in life.TakeLast(MostRanges))
        {
            table.AddRow(new Text(Utc.Text(range.From)), new Text(Utc.Text(range.To)), new Text(ListingText.Of(range.Source, range.Symbol, range.Quote, range.Interval)), new Text(Number(range.Bars)));
        }

        int others = life.Length - MostRanges;
        return others > 0 ? table.Caption(string.Create(CultureInfo.InvariantCulture, $"the newest ranges; there are {others:N0} before them")) : table;
    }

    private static Table Listings(ListingAnswer[] listings, ListingAnswer[] former)
    {
        Table table = new Table().Border(TableBorder.Rounded).Title("listings, the preferred one first").AddColumn(new TableColumn("").RightAligned()).AddColumn("listing")
            .AddColumn(new TableColumn("bars kept").RightAligned()).AddColumns("first", "last");
        for (int i = 0; i < listings.Length; i++)
        {
            Add((i + 1).ToString(CultureInfo.InvariantCulture), listings[i]);
        }

        foreach (ListingAnswer listing in former)
        {
            Add("-", listing);
        }

        return former.Length > 0 ? table.Caption("- no listing of the token any more") : table;

        void Add(string place, ListingAnswer listing) => table.AddRow(
            new Text(place), new Text(ListingText.Of(listing)), new Text(listing.NeverFetched ? "never fetched" : Number(listing.Bars)), new Text(Utc.Day(listing.FirstBar)), new Text(Utc.Day(listing.LastBar)));
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
