using System.ComponentModel;
using System.Globalization;
using Pnl.Cli.Output;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Portfolios;

/// <summary>What all commands about a portfolio need to know: which one.</summary>
internal class PortfolioSettings : DataSettings
{
    [CommandArgument(0, "<PORTFOLIO>")]
    [Description("The portfolio's id.")]
    public string Portfolio { get; init; } = "";

    public override ValidationResult Validate() =>
        FirstError(IdCheck(Portfolio), base.Validate());

    /// <summary>Why a text is no portfolio's id; success if it is one.</summary>
    public static ValidationResult IdCheck(string portfolio) =>
        TokenId.IsValid(portfolio) ? ValidationResult.Success() : ValidationResult.Error($"'{portfolio}' is no portfolio id: wanted {TokenId.Rule}.");

    /// <summary>Why a text is no cost basis; success if it is one, or absent.</summary>
    protected static ValidationResult CostBasisCheck(string? text) =>
        text is null || CostBases.TryParse(text, out _) ? ValidationResult.Success() : ValidationResult.Error($"--cost-basis {text}: wanted {CostBases.AllNames}.");

    /// <summary>Reads an amount with its currency, such as <c>3.5 usd</c>.</summary>
    protected static bool TryMoney(string text, out (decimal Amount, string Currency) money)
    {
        money = default;
        return text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [string number, string currency] && TryNumber(number, out decimal amount) && TokenId.IsValid(currency)
            && (money = (amount, currency)).Currency.Length > 0;
    }

    /// <summary>Reads a number of at most 28 digits, which would be rounded silently if it had more.</summary>
    protected static bool TryNumber(string text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number)
        && text.SkipWhile(c => c is '0' or '.' or '-' or '+').Count(char.IsAsciiDigit) <= RateText.MaxSignificantDigits;
}
