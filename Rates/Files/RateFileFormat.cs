namespace Pnl.Rates;

/// <summary>How the rates of a file are written.</summary>
public enum RateFileFormat
{
    /// <summary>Comma separated text, <c>.csv</c>.</summary>
    Csv,

    /// <summary>Comma separated text compressed by gzip, <c>.csv.gz</c>.</summary>
    CsvGzip,

    /// <summary>Apache Parquet, <c>.parquet</c>.</summary>
    Parquet,

    /// <summary>A ZIP of one such CSV file, as exchanges archive their candles, <c>.zip</c>.</summary>
    Zip,
}
