using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Pnl.Rates;

/// <summary>What the first page of a SQLite file says (https://www.sqlite.org/fileformat.html#the_database_header).</summary>
/// <param name="ApplicationId">A number that is the application's.</param>
internal readonly record struct DatabaseHeader(uint ApplicationId)
{
    private const int Length = 100, ApplicationIdAt = 68;

    /// <summary>Reads it without opening the database.</summary>
    /// <exception cref="InvalidDataException">It is no database.</exception>
    public static DatabaseHeader Read(SafeFileHandle file, string path)
    {
        byte[] header = new byte[Length];
        return RandomAccess.Read(file, header, 0) == Length && header.AsSpan().StartsWith("SQLite format 3\0"u8) ? Of(header)
            : throw new InvalidDataException($"{path} is no SQLite database; put in a backup with `pnl restore`, or choose another folder with Pnl:DataDirectory");
    }

    /// <summary>That of a first page.</summary>
    public static DatabaseHeader Of(ReadOnlySpan<byte> page) => new(BinaryPrimitives.ReadUInt32BigEndian(page[ApplicationIdAt..]));
}
