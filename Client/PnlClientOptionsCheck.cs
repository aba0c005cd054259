using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Pnl.Client;

/// <summary>Checks what a service set, and that it can reach a silo at all, before it starts.</summary>
internal sealed class PnlClientOptionsCheck(IServiceProviderIsService services) : IValidateOptions<PnlClientOptions>
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10), LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100), ShortestPause = TimeSpan.FromMilliseconds(1);

    public ValidateOptionsResult Validate(string? name, PnlClientOptions options)
    {
        List<string> wrong = [];
        if (!services.IsService(typeof(IGrainFactory)))
        {
            wrong.Add("AddPnlClient() needs an Orleans client: call builder.UseOrleansClient(client => client.UseLocalhostClustering(<the silo's Pnl:GatewayPort>, \"pnl\", \"pnl\")), or with the clustering of your cluster");
        }

        if (!TokenId.IsValid(options.Owner ?? ""))
        {
            wrong.Add($"{nameof(PnlClientOptions)}.{nameof(options.Owner)} is '{options.Owner}'; make it the name of an owner: {TokenId.Rule}");
        }

        Check(nameof(options.RetryFor), options.RetryFor, TimeSpan.Zero, Longest);
        Check(nameof(options.FirstReadWait), options.FirstReadWait, ShortestWait, Longest);
        Check(nameof(options.FirstWriteWait), options.FirstWriteWait, ShortestWait, Longest);
        Check(nameof(options.LongestPause), options.LongestPause, ShortestPause, LongestPause);
        Check(nameof(options.FirstPause), options.FirstPause, ShortestPause, options.LongestPause);
        Check(nameof(options.FollowPause), options.FollowPause, ShortestPause, LongestPause);
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Check(string option, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
            {
                wrong.Add($"{nameof(PnlClientOptions)}.{option} is {value}; make it {least} to {most}");
            }
        }
    }
}
