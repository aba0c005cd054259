namespace Pnl;

/// <summary>
/// A question to a token's history, as a value: what is asked, which sealed months it looks into, and how it is answered. Loading the
/// months is not pure and lies between the two, with whoever asks.
/// </summary>
/// <remarks>
/// Who asks takes a history, loads the months that <see cref="Months"/> names, and has <see cref="Answer"/> compute from that same history
/// and from them. If the history has changed meanwhile, it begins anew, so that every answer is of one state.
/// </remarks>
/// <typeparam name="T">What is answered.</typeparam>
public interface IHistoryQuestion<out T>
{
    /// <summary>The sealed months that the answer looks into, by month since January 1970.</summary>
    IReadOnlySet<int> Months(TokenHistory history);

    /// <summary>Answers from one state of a history.</summary>
    /// <param name="history">The history.</param>
    /// <param name="segments">The months that <see cref="Months"/> names for it.</param>
    T Answer(TokenHistory history, SegmentSet segments);
}
