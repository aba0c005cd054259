using Microsoft.Extensions.DependencyInjection;
using Pnl.Client;
using Pnl.Client.Http;

namespace Pnl.Cli;

/// <summary>What was asked for is not there. The message says what is, and can be shown as it is.</summary>
internal sealed class RefusedException(string message) : Exception(message);

/// <summary>A server as a command asks it: by the client of the SDK, with what it answered beside.</summary>
internal sealed class Server : IDisposable
{
    private readonly ServiceProvider _services;

    /// <summary>Nothing is asked yet.</summary>
    /// <param name="configure">Where it is.</param>
    /// <param name="handler">What carries requests; null for the network.</param>
    /// <param name="keepsAnswers">Whether what it answers is kept, to be written as it is.</param>
    public Server(Action<PnlHttpOptions> configure, HttpMessageHandler? handler = null, bool keepsAnswers = false)
    {
        ServiceCollection services = new();
        IHttpClientBuilder http = services.AddPnlHttpClient(configure);
        if (keepsAnswers)
        {
            http.AddHttpMessageHandler(() => new AnswerTap(Answers));
        }

        if (handler is not null)
        {
            http.ConfigurePrimaryHttpMessageHandler(() => handler);
        }

        _services = services.BuildServiceProvider();
        Pnl = _services.GetRequiredService<IPnlHttpClient>();
    }

    public IPnlHttpClient Pnl { get; }

    /// <summary>The JSON that it answered, in order.</summary>
    public List<string> Answers { get; } = [];

    public void Dispose() => _services.Dispose();

    /// <summary>Whether an exception says that the server did not do what it was asked for: any of the SDK's, so that a new one is not forgotten here.</summary>
    public static bool IsFailure(Exception e) => e is RefusedException || e.GetType().Namespace is "Pnl.Client" or "Pnl.Client.Http";

    /// <summary>Whether it understood the request and declined: asking for other things may well succeed.</summary>
    public static bool IsRefusal(Exception e) => IsFailure(e) && e is not (PnlUnavailableException or PnlProblemException { Status: < 400 or >= 500 });

    /// <summary>What went wrong, and what to do about it.</summary>
    public static string Told(Exception e) => e switch
    {
        PnlUnavailableException => $"{Sentence(e.Message)} Where it is, is said by --server, PNL_SERVER or the settings file; one is started by: dotnet run -c Release --project Silo",
        PnlProblemException { Status: 401 } => $"{Sentence(e.Message)} Set PNL_KEY to a key of this server, or give --key.",
        PnlProblemException { Status: 403 } => $"{Sentence(e.Message)} Set PNL_KEY, or give --key, to a key with that scope; an admin makes one by: pnl keys create NAME --scopes SCOPES",
        TokenUnknownException => $"{Sentence(e.Message)} [token.unknown]",
        PortfolioUnknownException => $"{Sentence(e.Message)} [portfolio.unknown]",
        TokenHeldException => $"{Sentence(e.Message)} By --force, that is. [token.held]",
        _ => Sentence(e.Message),
    };

    private static string Sentence(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..].TrimEnd('.') + ".";

    /// <summary>Keeps what was answered.</summary>
    private sealed class AnswerTap(List<string> answers) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
            if (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == "application/json")
            {
                await answer.Content.LoadIntoBufferAsync(cancellationToken);
                answers.Add(await answer.Content.ReadAsStringAsync(cancellationToken));
            }

            return answer;
        }
    }
}
