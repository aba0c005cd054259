using System.ComponentModel;
using System.Security.Cryptography;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Keys;

[Description("Makes a key and its hash without a server: the hash for its setting Pnl:Access:AdminKeyHash, the key for whoever is the admin.")]
internal sealed class GenerateKeyCommand(IAnsiConsole console) : Command
{
    public override int Execute(CommandContext context, CancellationToken cancellationToken)
    {
        string key = ApiKey.Of(RandomNumberGenerator.GetBytes(ApiKey.RandomBytes));
        console.WriteLine($"key   {key}");
        console.WriteLine($"hash  {ApiKey.Hash(key)}");
        return ExitCode.Ok;
    }
}
