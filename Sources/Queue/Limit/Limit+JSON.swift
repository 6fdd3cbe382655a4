extension Limit {
    private static let fields = ["everySeconds", "burst", "count", "perSeconds", "atOnce", "maxWaiting"]

    /// Parses the body of `PUT /v1/queues/{queue}/limits/{key}`. Members that are null count as not given; seconds are
    /// rounded to milliseconds.
    ///
    /// - Throws: `QueueError.field` if it is not a JSON object, for the first member that is unknown or of the wrong
    ///   type, and for members that don't go together.
    public init(json: [UInt8]) throws(QueueError) {
        let fields = try JSONFields(json, known: Self.fields)
        let every = try fields.duration("everySeconds"), burst = try fields.number("burst")
        let count = try fields.number("count"), per = try fields.duration("perSeconds")
        self.init(atOnce: try fields.number("atOnce"), maxWaiting: try fields.number("maxWaiting"))
        for (field, isGiven) in [("count", count != nil), ("perSeconds", per != nil)] where every != nil && isGiven {
            throw .field(.contradiction, "everySeconds", found: field, allowed: "one of them")
        }
        if burst != nil, every == nil {
            throw .field(.missing, "everySeconds", allowed: "a number of seconds, because there is 'burst'")
        }
        if let every {
            rate = .spaced(every, burst: burst ?? 1)
        } else if let count, let per {
            rate = .window(count, per: per)
        } else if count != nil {
            throw .field(.missing, "perSeconds", allowed: "a number of seconds, because there is 'count'")
        } else if per != nil {
            throw .field(.missing, "count", allowed: "a whole number, because there is 'perSeconds'")
        }
    }
}

extension LimitStats {
    /// `{"key","everySeconds","burst","count","perSeconds","atOnce","maxWaiting","running","parked","opensAt",
    /// "pausedUntil"}`; null for what is not set, and times in ISO 8601.
    public var json: [UInt8] {
        let use: [(name: String, value: [UInt8]?)] = [
            ("running", JSONText.number(running)), ("parked", JSONText.number(parked)),
            ("opensAt", opensAt.map { JSONText.string(ISOTime.text($0)) }),
            ("pausedUntil", pausedUntil.map { JSONText.string(ISOTime.text($0)) }),
        ]
        return JSONText.object(members + use)
    }

    /// The same up to `maxWaiting`: what was set.
    public var limitJSON: [UInt8] { JSONText.object(members) }

    private var members: [(name: String, value: [UInt8]?)] {
        var every: Duration?, burst: Int?, count: Int?, per: Duration?
        switch limit?.rate {
        case .spaced(let interval, let most): (every, burst) = (interval, most)
        case .window(let most, let time): (count, per) = (most, time)
        case nil: break
        }
        return [
            ("key", JSONText.string(name)), ("everySeconds", Self.seconds(every)),
            ("burst", burst.map(JSONText.number)), ("count", count.map(JSONText.number)),
            ("perSeconds", Self.seconds(per)), ("atOnce", limit?.atOnce.map(JSONText.number)),
            ("maxWaiting", limit?.maxWaiting.map(JSONText.number)),
        ]
    }

    private static func seconds(_ duration: Duration?) -> [UInt8]? {
        duration.map { Array("\($0 / .seconds(1))".utf8) }
    }
}
