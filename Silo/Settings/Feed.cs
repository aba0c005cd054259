namespace Pnl.Silo;

/// <summary>Where live rates come from, the setting <c>Pnl:Feed</c>: the simulated market, nowhere, files played as if live, or one of the exchanges, which have a history too.</summary>
internal enum Feed { Simulated, None, Replay, Binance, Bitfinex, Bitstamp, Bybit, Coinbase, Coingecko, Kraken, Okx }
