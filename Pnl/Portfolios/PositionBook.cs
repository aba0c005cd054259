using System.Collections.Immutable;

namespace Pnl;

/// <summary>
/// The positions of a portfolio after some number of its entries: a fold over the ledger. Immutable, and shares what does
/// not change, so that one can be kept at every so many entries and the next entry costs no replay.
/// </summary>
public sealed class PositionBook
{
    // Of a position; redenominations could make it ever longer, and every sum with it.
    private const int MaxDigits = 100;

    private readonly ImmutableSortedDictionary<string, Position> _positions;
    private readonly long _moves;

    private PositionBook(PortfolioTerms terms, ImmutableSortedDictionary<string, Position> positions, long moves)
    {
        Terms = terms;
        _positions = positions;
        _moves = moves;
    }

    /// <summary>The terms on which entries are read.</summary>
    public PortfolioTerms Terms { get; }

    /// <summary>All positions there ever were, by token in ordinal order; flat ones too.</summary>
    public IEnumerable<Position> Positions => _positions.Values;

    /// <summary>No positions.</summary>
    public static PositionBook Empty(PortfolioTerms terms) => new(terms, ImmutableSortedDictionary.Create<string, Position>(StringComparer.Ordinal), 0);

    /// <summary>The position of a token; null if there never was one.</summary>
    public Position? Position(string token) => _positions.GetValueOrDefault(token);

    /// <summary>Takes the next entry of the ledger, which must not be before the last one.</summary>
    /// <param name="posted">The entry with its conversions.</param>
    /// <param name="defect">Why it is refused: more is given away than is held.</param>
    /// <param name="closed">Told of every lot that is closed, with its token.</param>
    /// <returns>The positions after it; null if it is refused.</returns>
    internal PositionBook? After(PostedEntry posted, out EntryDefect? defect, Action<string, ClosedLot>? closed = null)
    {
        Turn turn = new(this, posted, closed);
        turn.Take();
        defect = turn.Defect;
        return defect is null ? new(Terms, turn.Positions, turn.Moves) : null;
    }

    /// <summary>One entry being taken.</summary>
    private struct Turn(PositionBook book, PostedEntry posted, Action<string, ClosedLot>? closed)
    {
        private readonly LedgerEntry _entry = posted.Entry;

        public ImmutableSortedDictionary<string, Position> Positions { get; private set; } = book._positions;

        public long Moves { get; private set; } = book._moves;

        public EntryDefect? Defect { get; private set; }

        public void Take()
        {
            Position token = Get(_entry.Token);
            if (_entry.Kind == EntryKind.Redenomination)
            {
                Put(token.Redenominated(Ratio.Of(_entry.Quantity)));
                if (Get(_entry.Token).Quantity.Length > MaxDigits)
                {
                    Defect = new(_entry.Id, EntryCodes.TooPrecise, "quantity", $"a number that leaves the position at most {MaxDigits} digits");
                }

                return;
            }

            CrossRate conversion = posted.Conversion(_entry.Currency ?? _entry.Token);
            Amount unit = (_entry.Price ?? 1m) * (conversion.Factor ?? default);
            Amount quantity = _entry.Quantity, value = quantity * unit, ownFees = OwnFees(), feeValue = ownFees * unit;

            // A fee in the token itself is part of what moves: of what is acquired it never becomes a lot, and what is sold is so much more. It neither gains
            // nor loses, since it counts at the entry's own price.
            Amount acquired = quantity - ownFees, given = quantity + ownFees;
            switch (_entry.Kind)
            {
                case EntryKind.Buy when book.Terms.TrackCash:
                    Pay(conversion, quantity * _entry.Price!.Value, "price");
                    Move(_entry.Token, acquired, unit, acquired.Sign < 0 ? OwnFeeField() : "quantity", p => p with { MovedIn = p.MovedIn + value, Fees = p.Fees + feeValue });
                    break;
                case EntryKind.Buy or EntryKind.Deposit:
                    Move(_entry.Token, acquired, unit, acquired.Sign < 0 ? OwnFeeField() : "quantity", p => p with { Contributions = p.Contributions + value, Fees = p.Fees + feeValue });
                    break;
                case EntryKind.Income:
                    Move(_entry.Token, acquired, unit, acquired.Sign < 0 ? OwnFeeField() : "quantity", p => p with { Income = p.Income + value, Fees = p.Fees + feeValue });
                    break;
                case EntryKind.Sell when book.Terms.TrackCash:
                    Move(_entry.Token, -given, unit, token.Quantity < quantity ? "quantity" : OwnFeeField(), p => p with { MovedOut = p.MovedOut + value, Fees = p.Fees + feeValue });
                    Pay(conversion, -(quantity * _entry.Price!.Value), "price");
                    break;
                case EntryKind.Sell or EntryKind.Withdrawal:
                    Move(_entry.Token, -given, unit, token.Quantity < quantity ? "quantity" : OwnFeeField(), p => p with { Distributions = p.Distributions + value, Fees = p.Fees + feeValue });
                    break;
                case EntryKind.Fee when IsPaidFromInside(token):
                    Move(_entry.Token, -given, unit, token.Quantity < quantity ? "quantity" : OwnFeeField(), p => p with { Fees = p.Fees + value + feeValue });
                    break;
                case EntryKind.Fee:
                    Put(token with { Fees = token.Fees + value + feeValue, FeesFromOutside = token.FeesFromOutside + value + feeValue });
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(posted), _entry.Kind, "no such kind");
            }

            Note(_entry.Token, conversion);
            for (int i = 0; Defect is null && !_entry.Fees.IsDefaultOrEmpty && i < _entry.Fees.Length; i++)
            {
                Fee(_entry.Fees[i], $"fees[{i}].amount");
            }
        }

        private readonly Amount OwnFees()
        {
            Amount sum = default;
            for (int i = 0; !_entry.Fees.IsDefaultOrEmpty && i < _entry.Fees.Length; i++)
            {
                sum += _entry.Fees[i].Currency == _entry.Token ? _entry.Fees[i].Amount : Amount.Zero;
            }

            return sum;
        }

        private readonly string OwnFeeField()
        {
            string token = _entry.Token;
            int i = _entry.Fees.IsDefaultOrEmpty ? -1 : _entry.Fees.ToList().FindIndex(fee => fee.Currency == token);
            return i < 0 ? "quantity" : $"fees[{i}].amount";
        }

        private void Fee(TradeFee fee, string field)
        {
            if (fee.Currency == _entry.Token)
            {
                return; // it was part of what moved
            }

            CrossRate conversion = posted.Conversion(fee.Currency);
            Amount value = fee.Amount * (conversion.Factor ?? default);
            bool inside = IsPaidFromInside(Get(fee.Currency)) && (book.Terms.TrackCash || !_entry.Kind.IsTrade() || fee.Currency != _entry.Currency);
            if (inside)
            {
                Pay(conversion, fee.Amount, field);
            }

            Position token = Get(_entry.Token);
            Put(inside
                ? token with { Fees = token.Fees + value, MovedIn = token.MovedIn + value }
                : token with { Fees = token.Fees + value, FeesFromOutside = token.FeesFromOutside + value });
            Note(_entry.Token, conversion);
        }

        /// <summary>Where cash is not tracked, what is not held at all is paid by somebody else.</summary>
        private readonly bool IsPaidFromInside(Position position) => book.Terms.TrackCash || !position.Quantity.IsZero;

        /// <summary>Another position pays (or, below zero, receives) an amount for the entry's token, at its market value.</summary>
        private void Pay(CrossRate conversion, Amount amount, string field)
        {
            if (amount.IsZero)
            {
                return; // a gift
            }

            Amount unit = conversion.Factor ?? default;
            Move(conversion.From, -amount, unit, field, p => p with { MovedOut = p.MovedOut + amount * unit });
            Note(conversion.From, conversion);
        }

        private void Move(string token, Amount quantity, Amount unit, string field, Func<Position, Position> account)
        {
            if (Defect is not null)
            {
                return;
            }

            Position position = Get(token);
            if (!book.Terms.AllowShorts && quantity.Sign < 0 && position.Quantity + quantity < default(Amount))
            {
                Defect = new(
                    _entry.Id, EntryCodes.NotHeld, field,
                    $"{-quantity} {token} to give away, {position.Quantity} held at {_entry.Time.UtcDateTime:yyyy-MM-ddTHH:mm:ss.FFFFFFFZ}", position.Quantity);
                return;
            }

            Put(account(position.Moved(quantity, unit, _entry, Moves++, closed is { } told ? lot => told(token, lot) : null)));
        }

        /// <summary>Writes down at a position that a conversion is missing.</summary>
        private void Note(string token, CrossRate conversion)
        {
            if (conversion.Factor is null)
            {
                Position position = Get(token);
                MissingRate missing = new(conversion.From, conversion.To, conversion.Slot);
                Put(position.Missing.Contains(missing) ? position : position with { Missing = position.Missing.Add(missing) });
            }
        }

        private readonly Position Get(string token) =>
            Positions.GetValueOrDefault(token) ?? new(token, book.Terms.CostBasis);

        private void Put(Position position) => Positions = Positions.SetItem(position.Token, position);
    }
}
