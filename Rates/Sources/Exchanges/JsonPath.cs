using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>Walks to a place in a JSON body without building the body's tree.</summary>
internal static class JsonPath
{
    /// <summary>Stands for the first property whose value is an array, of whatever name.</summary>
    public const string AnyArray = "*";

    /// <summary>A reader that stands on the value at a path.</summary>
    /// <param name="body">One JSON value.</param>
    /// <param name="path">Names of properties from the root down; none for the root itself.</param>
    /// <exception cref="JsonException">There is no such place, or the body is no JSON.</exception>
    public static Utf8JsonReader To(ReadOnlySpan<byte> body, params ReadOnlySpan<string> path)
    {
        Utf8JsonReader reader = new(body);
        if (!reader.Read())
        {
            throw new JsonException("The body is empty.");
        }

        foreach (string name in path)
        {
            if (!Enter(ref reader, name))
            {
                throw new JsonException($"The body has no '{name}' where '{string.Join('.', path.ToArray())}' is looked for.");
            }
        }

        return reader;
    }

    private static bool Enter(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool named = reader.ValueTextEquals(name);
            reader.Read();
            if (named || (name == AnyArray && reader.TokenType == JsonTokenType.StartArray))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
