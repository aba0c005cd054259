using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

internal sealed class AddSettings : PortfolioSettings
{
    [CommandArgument(1, "<KIND>")]
    [Description("buy, sell, deposit, withdrawal, fee, income or redenomination.")]
    public string Kind { get; init; } = "";

    [CommandArgument(2, "<QUANTITY>")]
    [Description("Units of the token.")]
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

    [CommandOption("--time <TIME>")]
    [Description("When it happened, RFC 3339 or Unix seconds.")]
    public string? Time { get; init; }

    [CommandOption("--fee <FEE>")]
    [Description("A fee, with its currency: \"3.5 usd\". May be given several times.")]
    public string[] Fees { get; init; } = [];

    [CommandOption("--note <TEXT>")]
    [Description("Anything to find again.")]
    public string? Note { get; init; }

    public override ValidationResult Validate()
    {
        if (!TryNumber(Quantity, out _))
        {
            return ValidationResult.Error($"'{Quantity}' is no quantity: wanted a number such as 0.25.");
        }

        if (Price is not null && !TryMoney(Price, out _))
        {
            return ValidationResult.Error($"--price '{Price}': wanted a number and a currency, such as \"42000 usd\".");
        }

        if (Time is null)
        {
            return ValidationResult.Error("--time is not given: wanted when it happened, such as 2021-05-19T12:35:00Z.");
        }

        return Array.Find(Fees, fee => !TryMoney(fee, out _)) is { } wrong
            ? ValidationResult.Error($"--fee '{wrong}': wanted a number and a currency, such as \"3.5 usd\".")
            : base.Validate();
    }

    /// <summary>The entry; only after <see cref="Validate"/>.</summary>
    public EntryBody Entry()
    {
        TryNumber(Quantity, out decimal quantity);
        (decimal Amount, string Currency)? price = Price is not null && TryMoney(Price, out (decimal, string) money) ? money : null;
        FeeBody[] fees = [.. Fees.Select(fee => TryMoney(fee, out (decimal Amount, string Currency) paid) ? new FeeBody(paid.Amount, paid.Currency) : throw new InvalidOperationException())];
        string id = Id ?? string.Create(CultureInfo.InvariantCulture, $"{Time}_{Kind}_{quantity}_{Token}_{price?.Amount}");
        return new(id, Time!, Kind, Token, quantity, price?.Amount, price?.Currency, fees, Note);
    }
}

[Description("Adds an entry to a ledger.")]
internal sealed class AddCommand(IAnsiConsole console) : AsyncCommand<AddSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, AddSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        EntryBody entry = settings.Entry();
        LedgerAnswer answer = await server.PostEntriesAsync(settings.Portfolio, [entry], cancellationToken);
        console.MarkupLineInterpolated($"{(answer.Accepted > 0 ? "added" : "was there already")}: {entry.Id}");
        return ExitCode.Ok;
    }
}
