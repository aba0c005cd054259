using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Tokens;

internal sealed class PutTokenSettings : DataSettings
{
    [CommandArgument(0, "<TOKEN>")]
    [Description("The token's id, such as btc.")]
    public string Token { get; init; } = "";

    [CommandOption("--symbol <TEXT>")]
    [Description("Its label; the id in upper case if it is new.")]
    public string? Symbol { get; init; }

    [CommandOption("--name <TEXT>")]
    [Description("Its name for people.")]
    public string? Name { get; init; }

    [CommandOption("--quote <CURRENCY>")]
    [Description("What its rates are in; usd if it is new.")]
    public string? Quote { get; init; }

    [CommandOption("--listed <TIME>")]
    [Description("When it began to trade.")]
    public string? Listed { get; init; }

    [CommandOption("--delisted <TIME>")]
    [Description("When it ceased to trade.")]
    public string? Delisted { get; init; }

    [CommandOption("--stale-after <SECONDS>")]
    [Description("Age beyond which its last rate is stale.")]
    public int? StaleAfter { get; init; }

    [CommandOption("--listing <LISTING>")]
    [Description("An instrument whose rates it takes, the preferred one first; again for the next. SOURCE:SYMBOL[[:QUOTE[[:INTERVAL]]]][[@FROM..TO]], or api[[:QUOTE]][[:INTERVAL]] for what is sent. They replace those that it has.")]
    public string[] Listings { get; init; } = [];

    [CommandOption("--no-listings")]
    [Description("Takes its listings away.")]
    public bool NoListings { get; init; }

    protected override bool HasRows => false;

    /// <summary>The listings named; null if they are to stay as they are.</summary>
    public TokenListing[]? Named()
    {
        List<TokenListing> named = [];
        foreach (string text in Listings)
        {
            if (ListingText.TryParse(text, out TokenListing? listing, out _))
            {
                named.Add(listing);
            }
        }

        return named.Count > 0 || NoListings ? [.. named] : null;
    }

    public override ValidationResult Validate()
    {
        if (!TokenId.IsValid(Token))
        {
            return ValidationResult.Error($"'{Token}' is no token id: wanted {TokenId.Rule}.");
        }

        foreach (string text in Listings)
        {
            if (!ListingText.TryParse(text, out _, out string? error))
            {
                return ValidationResult.Error(error);
            }
        }

        return FirstError(
            NoListings && Listings.Length > 0 ? ValidationResult.Error("--listing and --no-listings exclude each other.") : ValidationResult.Success(),
            TimeCheck("--listed", Listed), TimeCheck("--delisted", Delisted), base.Validate());
    }
}

[Description("Registers a token, or changes what is registered of it: its label, and the listings that it takes its rates of.")]
internal sealed class PutTokenCommand(IAnsiConsole console) : DataCommand<PutTokenSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, PutTokenSettings settings, Screen screen, CancellationToken cancel)
    {
        TokenDetails details = new()
        {
            Symbol = settings.Symbol, Name = settings.Name, Quote = settings.Quote, Listed = Utc.Read(settings.Listed), Delisted = Utc.Read(settings.Delisted), StalenessSeconds = settings.StaleAfter, Listings = settings.Named(),
        };
        foreach (string line in InWords((await pnl.RegisterTokenAsync(settings.Token, details, cancel)).Token))
        {
            screen.Say($"{line}");
        }

        return ExitCode.Ok;
    }

    /// <summary>What is registered, with the listings in their order.</summary>
    internal static IEnumerable<string> InWords(TokenInfo token)
    {
        TokenListing[] listings = token.Listings;
        yield return $"{token.Id}: {token.Symbol}, {token.Name}, in {token.Quote}{(listings.Length == 0 ? "; it has no listings." : "; its rates are, in order of preference, those of")}";
        for (int i = 0; i < listings.Length; i++)
        {
            string converted = listings[i].Quote == token.Quote ? "" : $", converted from {listings[i].Quote}";
            yield return string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {ListingText.Of(listings[i])}{converted}");
        }
    }
}
