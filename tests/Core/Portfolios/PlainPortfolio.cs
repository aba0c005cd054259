namespace Pnl.Tests.Core.Portfolios;

/// <summary>
/// A portfolio computed in the plainest way, in fractions: lists of lots that are searched, sums of flows that are never
/// split by position, conversions by climbing from quote to quote. Rounds only where the contract does, or nowhere at all.
/// </summary>
internal sealed class PlainPortfolio(PortfolioTerms terms, RateTable rates, bool rounds)
{
    private readonly Dictionary<string, List<PlainLot>> _lots = [];
    private int _opened;

    public Rational In { get; private set; }

    public Rational Out { get; private set; }

    public Rational OutsideFees { get; private set; }

    public Rational Fees { get; private set; }

    public Rational Income { get; private set; }

    public Dictionary<string, Rational> Realised { get; private set; } = [];

    public IEnumerable<string> Tokens => _lots.Keys;

    /// <summary>Takes an entry, or refuses it and stays as it was.</summary>
    public bool Take(LedgerEntry entry)
    {
        if (entry.Kind == EntryKind.Redenomination)
        {
            // To 28 digits in all; what the lots lose by that, the largest has.
            Rational held = Held(entry.Token) * entry.Quantity;
            int places = 28;
            for (Rational whole = Rational.Abs(held).RoundedTo(0); !(whole < 1) && places > 0; whole /= 10)
            {
                places--;
            }

            foreach (PlainLot lot in Lots(entry.Token))
            {
                lot.Quantity = rounds ? (lot.Quantity * entry.Quantity).RoundedTo(places) : lot.Quantity * entry.Quantity;
                lot.Unit = Round(lot.Unit / entry.Quantity);
            }

            if (rounds && Lots(entry.Token) is { Count: > 0 } lots)
            {
                lots.OrderByDescending(lot => lot.Quantity.Sign < 0 ? -lot.Quantity : lot.Quantity, Comparer<Rational>.Create((a, b) => (a - b).Sign)).ThenBy(lot => lot.Number).First().Quantity += held.RoundedTo(places) - Held(entry.Token);
            }

            return true;
        }

        // What changes hands, in order: how much of what, at what worth of a unit.
        List<(string Token, Rational Quantity, Rational Unit)> moves = [];
        string currency = entry.Currency ?? entry.Token;
        Rational unit = (entry.Price ?? 1m) * Worth(currency, entry.Slot), value = entry.Quantity * unit;
        bool buys = entry.Kind == EntryKind.Buy, sells = entry.Kind == EntryKind.Sell, cash = terms.TrackCash && (buys || sells);
        Rational own = entry.Fees.Where(fee => fee.Currency == entry.Token).Aggregate((Rational)0, (sum, fee) => sum + fee.Amount);
        Rational paid = entry.Quantity * (Rational)(entry.Price ?? 0m);
        (Rational contributed, Rational distributed, Rational outside, Rational fees, Rational income) = (0, 0, 0, 0, 0);
        if (buys || entry.Kind is EntryKind.Deposit or EntryKind.Income)
        {
            if (cash)
            {
                moves.Add((currency, -paid, Worth(currency, entry.Slot)));
            }

            moves.Add((entry.Token, entry.Quantity - own, unit));
            contributed = cash || entry.Kind == EntryKind.Income ? 0 : value;
            income = entry.Kind == EntryKind.Income ? value : 0;
        }
        else if (sells || entry.Kind == EntryKind.Withdrawal)
        {
            moves.Add((entry.Token, -(entry.Quantity + own), unit));
            distributed = cash ? 0 : value;
            if (cash)
            {
                moves.Add((currency, paid, Worth(currency, entry.Slot)));
            }
        }
        else
        {
            fees = value;
            if (terms.TrackCash || Held(entry.Token).Sign != 0)
            {
                moves.Add((entry.Token, -(entry.Quantity + own), unit));
            }
            else
            {
                outside = value + own * unit;
            }
        }

        foreach (TradeFee fee in entry.Fees)
        {
            Rational worth = fee.Currency == entry.Token ? unit : Worth(fee.Currency, entry.Slot);
            Rational heldThen = Held(fee.Currency) + moves.Where(move => move.Token == fee.Currency).Aggregate((Rational)0, (sum, move) => sum + move.Quantity);
            fees += fee.Amount * worth;
            if (fee.Currency == entry.Token)
            {
                continue;
            }

            if ( terms.TrackCash || (heldThen.Sign != 0 && !((buys || sells) && fee.Currency == entry.Currency)))
            {
                moves.Add((fee.Currency, -(Rational)fee.Amount, worth));
            }
            else
            {
                outside += fee.Amount * worth;
            }
        }

        if (!terms.AllowShorts)
        {
            Dictionary<string, Rational> left = moves.Select(move => move.Token).Distinct().ToDictionary(token => token, Held);
            foreach ((string token, Rational quantity, Rational _) in moves)
            {
                left[token] += quantity;
                if (quantity.Sign < 0 && left[token].Sign < 0)
                {
                    return false;
                }
            }
        }

        moves.ForEach(move => Move(move.Token, move.Quantity, move.Unit));
        (In, Out, OutsideFees, Fees, Income) = (In + contributed, Out + distributed, OutsideFees + outside, Fees + fees, Income + income);
        return true;
    }

    public Rational Held(string token) => Sum(Lots(token).Select(lot => lot.Quantity));

    public Rational Cost(string token) => Sum(Lots(token).Select(lot => lot.Cost));

    public Rational Value(int slot) => Sum(_lots.Keys.Where(token => Held(token).Sign != 0).Select(token => Held(token) * Worth(token, slot)));

    /// <summary>Of one unit, in the base currency: up from quote to quote to where the ways meet, and down again.</summary>
    public Rational Worth(string currency, int slot)
    {
        List<string> up = Chain(currency), down = Chain(terms.BaseCurrency);
        string meeting = up.First(down.Contains);
        Rational product = Product(up.TakeWhile(token => token != meeting)), divisor = Product(down.TakeWhile(token => token != meeting));
        return divisor.Equals(1) ? product : Round(product / divisor);

        Rational Product(IEnumerable<string> tokens) =>
            tokens.Aggregate((Rational)1, (sum, token) => sum * rates.AsOf(rates.Markets.Single(market => market.Token == token), slot)!.Value);
    }

    private List<string> Chain(string token)
    {
        List<string> chain = [token];
        while (rates.Markets.FirstOrDefault(market => market.Token == chain[^1]) is { Token: not null } market)
        {
            chain.Add(market.Quote);
        }

        return chain;
    }

    private void Move(string token, Rational quantity, Rational unit)
    {
        if (quantity.Sign == 0)
        {
            return;
        }

        List<PlainLot> lots = Lots(token);
        while (quantity.Sign != 0 && lots.Count > 0 && lots[0].Quantity.Sign != quantity.Sign)
        {
            PlainLot lot = terms.CostBasis switch
            {
                CostBasis.Lifo => lots.MaxBy(one => one.Number)!,
                CostBasis.Hifo => lots.Aggregate((best, one) => one.Unit > best.Unit || (one.Unit.Equals(best.Unit) && one.Number < best.Number) ? one : best),
                _ => lots.MinBy(one => one.Number)!,
            };
            Rational part = Rational.Min(Rational.Abs(lot.Quantity), Rational.Abs(quantity));
            Rational taken = lot.Quantity.Sign < 0 ? -part : part;
            Rational share = lot.Cost * taken / lot.Quantity;
            Rational cost = taken.Equals(lot.Quantity) || (lot.Unit * lot.Quantity).Equals(lot.Cost) ? share : Round(share);
            Realised[token] = Realised.GetValueOrDefault(token) + taken * unit - cost;
            lot.Quantity -= taken;
            lot.Cost -= cost;
            quantity += taken;
            if (lot.Quantity.Sign == 0)
            {
                lots.Remove(lot);
            }
        }

        if (quantity.Sign == 0)
        {
            return;
        }

        if (terms.CostBasis == CostBasis.Avco && lots.Count == 1)
        {
            lots[0].Cost += quantity * unit;
            lots[0].Quantity += quantity;
            lots[0].Unit = Round(lots[0].Cost / lots[0].Quantity);
            return;
        }

        lots.Add(new() { Number = _opened++, Quantity = quantity, Unit = unit, Cost = quantity * unit });
    }

    private Rational Round(Rational value) => rounds ? value.Rounded(28) : value;

    private List<PlainLot> Lots(string token) => _lots.TryGetValue(token, out List<PlainLot>? lots) ? lots : _lots[token] = [];

    private static Rational Sum(IEnumerable<Rational> terms) => terms.Aggregate((Rational)0, (a, b) => a + b);

    private sealed class PlainLot
    {
        public int Number { get; init; }

        public Rational Quantity { get; set; }

        public Rational Unit { get; set; }

        public Rational Cost { get; set; }
    }
}
