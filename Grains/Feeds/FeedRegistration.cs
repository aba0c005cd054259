using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Sees to it that the tokens of a source are registered and list it, in the quote of that: rates of another quote than the
/// token's are converted because its listing says so, and what others registered of it stays as it is.
/// </summary>
/// <param name="source">The name of the source.</param>
/// <param name="tokens">Its tokens, by their numbers.</param>
/// <param name="grains">The tokens' grains.</param>
/// <param name="log">Takes what was done.</param>
internal sealed class FeedRegistration(string source, IReadOnlyList<SourceToken> tokens, IGrainFactory grains, ILogger log)
{
    private readonly HashSet<int> _done = [];

    /// <summary>Whether a token was registered or listed here.</summary>
    public bool Has(int token) => _done.Contains(token);

    /// <summary>Registers a token that nobody knows; if somebody does by now, it only gets a listing.</summary>
    public async Task RegisterAsync(int token)
    {
        ITokenGrain grain = grains.GetGrain<ITokenGrain>(tokens[token].Id);
        TokenRegistration registration = tokens[token].Registration;
        if (await grain.Get() is not null || (await grain.Register(new()
        {
            Symbol = registration.Symbol,
            Name = registration.Name,
            Quote = registration.Quote,
            Listed = registration.Listed,
            Delisted = registration.Delisted,
            Sources = new(registration.Sources),
        })).QuoteConflict)
        {
            await ListAsync(token);
        }

        _done.Add(token);
    }

    /// <summary>Adds a listing of the source to a token that is registered, unless it has that.</summary>
    public async Task ListAsync(int token)
    {
        ITokenGrain grain = grains.GetGrain<ITokenGrain>(tokens[token].Id);
        TokenRegistration registration = tokens[token].Registration;
        TokenListing listing = new(source, registration.Sources.GetValueOrDefault(source) ?? "", registration.Quote);
        if (await grain.Get() is { } known && !known.Listings.Any(each => each with { From = null, To = null } == listing))
        {
            log.LogInformation("Feed {Source}: {Token}, which is in {Quote}, is fed with {Symbol} in {PairQuote} from now on", source, tokens[token].Id, known.Quote, listing.Symbol, listing.Quote);
            if ((await grain.Register(new() { AddListing = listing })).Circle is { } circle)
            {
                log.LogWarning("Feed {Source}: {Symbol} is no listing of {Token}: {Circle}", source, listing.Symbol, tokens[token].Id, circle);
            }
        }

        _done.Add(token);
    }
}
