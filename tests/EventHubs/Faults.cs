namespace Pnl.Tests.EventHubs;

/// <summary>What can go wrong with something sent.</summary>
internal enum SendFault
{
    None,

    /// <summary>Refused, to be sent again later.</summary>
    ServerBusy,

    /// <summary>Refused for the quota is used up.</summary>
    Quota,

    /// <summary>Not kept; the links of producer and consumers of the partition are detached.</summary>
    Detach,

    /// <summary>Not kept; the connection is reset.</summary>
    Abort,

    /// <summary>Kept, but the connection is reset before the producer is told: it sends it again, and so it is there twice.</summary>
    LostAck,
}

/// <summary>Decides what goes wrong: so many times what was asked for, then by chance, of a seed.</summary>
internal sealed class Faults
{
    private readonly Lock _lock = new();
    private readonly Queue<SendFault> _planned = [];
    private readonly int[] _made = new int[Enum.GetValues<SendFault>().Length];
    private Random _chance = new(0);
    private SendFault[] _kinds = [];
    private int _perThousand;

    /// <summary>How often each has been made.</summary>
    public IReadOnlyDictionary<string, int> Made
    {
        get
        {
            lock (_lock)
            {
                return Enum.GetValues<SendFault>().Where(kind => kind != SendFault.None).ToDictionary(kind => kind.ToString(), kind => _made[(int)kind]);
            }
        }
    }

    /// <summary>The next sends fail so.</summary>
    public void Plan(SendFault kind, int times)
    {
        lock (_lock)
        {
            for (int i = 0; i < times; i++)
            {
                _planned.Enqueue(kind);
            }
        }
    }

    /// <summary>From now on so many of a thousand sends fail, in one of these ways.</summary>
    public void Chance(int seed, int perThousand, SendFault[] kinds)
    {
        lock (_lock)
        {
            (_chance, _perThousand, _kinds) = (new(seed), perThousand, kinds);
        }
    }

    public SendFault Next()
    {
        lock (_lock)
        {
            SendFault fault = _planned.TryDequeue(out SendFault planned) ? planned
                : _kinds.Length > 0 && _chance.Next(1000) < _perThousand ? _kinds[_chance.Next(_kinds.Length)]
                : SendFault.None;
            _made[(int)fault]++;
            return fault;
        }
    }
}
