using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class AddSettings : PortfolioSettings
{
    [CommandArgument(1, "<KIND>")]
    [Description("buy, sell, deposit, withdrawal, fee, income or redenomination.")]
    public string Kind { get; init; } = "";

    [CommandArgument(2, "<QUANTITY>")]
    [Description("Units of the token; of a redenomination new units for one old one, or a ratio such as 1/3.")]
    public string Quantity { get; init; } = "";

    [CommandArgument(3, "<TOKEN>")]
    [Description("The token's id.")]
    public string Token { get; init; } = "";

    [CommandOption("--id <ID>")]
    [Description("The entry's id: the same entry again, by the same id, counts once. By default one is made of what the entry says.")]
    public string? Id { get; init; }

    [CommandOption("--price <PRICE>")]
    [Description("Of a unit, with its currency: \"42000 usd\".")]
    public string? Price { get; init; }

    [CommandOption("--time <TIME>", isRequired: true)]
    [Description("When it happened, RFC 3339, a date, or Unix seconds.")]
    public string Time { get; init; } = "";

    [CommandOption("--fee <FEE>")]
    [Description("A fee, with its currency: \"3.5 usd\". May be given several times.")]
    public string[] Fees { get; init; } = [];

    [CommandOption("--note <TEXT>")]
    [Description("Anything to find again.")]
    public string? Note { get; init; }

    protected override bool HasRows => false;

    public override ValidationResult Validate()
    {
        if (!TryQuantity(out _))
        {
            return ValidationResult.Error($"'{Quantity}' is no quantity: wanted a number such as 0.25{(Kind == EntryKind.Redenomination.Name() ? ", or new units for old ones such as 1/3" : "")}.");
        }

        if (Price is not null && !TryMoney(Price, out _))
        {
            return ValidationResult.Error($"--price '{Price}': wanted a number and a currency, such as \"42000 usd\".");
        }

        if (!EntryKinds.TryParse(Kind, out _))
        {
            return ValidationResult.Error($"'{Kind}' is no kind of an entry: wanted {EntryKinds.AllNames}.");
        }

        return FirstError(TimeCheck("--time", Time), Array.Find(Fees, fee => !TryMoney(fee, out _)) is { } wrong
            ? ValidationResult.Error($"--fee '{wrong}': wanted a number and a currency, such as \"3.5 usd\".")
            : base.Validate());
    }

    private bool TryQuantity(out decimal quantity)
    {
        if (Kind == EntryKind.Redenomination.Name() && Quantity.Split('/') is [var newUnits, var oldUnits])
        {
            quantity = IsTerm(newUnits, out int numerator) && IsTerm(oldUnits, out int denominator) ? Ratio.Quantity(numerator, denominator) : 0m;
            return quantity > 0m;
        }

        return TryNumber(Quantity, out quantity);

        static bool IsTerm(string text, out int term) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out term) && term is >= 1 and <= Ratio.LargestTerm;
    }

    /// <summary>The entry; only after <see cref="Validate"/>.</summary>
    public PortfolioEntry Entry()
    {
        TryQuantity(out decimal quantity);
        (decimal Amount, string Currency)? price = Price is not null && TryMoney(Price, out (decimal, string) money) ? money : null;
        EntryFee[] fees = [.. Fees.Select(fee => TryMoney(fee, out (decimal Amount, string Currency) paid) ? new EntryFee(paid.Amount, paid.Currency) : throw new InvalidOperationException())];
        string id = Id ?? string.Create(CultureInfo.InvariantCulture, $"{Time}_{Kind}_{quantity}_{Token}_{price?.Amount}");
        return new() { Id = id, Time = Utc.Read(Time)!.Value, Kind = EntryKinds.TryParse(Kind, out EntryKind kind) ? kind : default, Token = Token, Quantity = quantity, Price = price?.Amount, Currency = price?.Currency, Fees = fees, Note = Note };
    }
}

[Description("Adds an entry to a ledger.")]
internal sealed class AddCommand(IAnsiConsole console) : DataCommand<AddSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, AddSettings settings, Screen screen, CancellationToken cancel)
    {
        PortfolioEntry entry = settings.Entry();
        LedgerResult answer = await pnl.PostEntriesAsync(settings.Portfolio, [entry], cancel);
        screen.Say($"{(answer.Accepted > 0 ? "added" : "was there already")}: {entry.Id}");
        return ExitCode.Ok;
    }
}
