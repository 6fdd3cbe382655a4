public import Queue

/// Which jobs to list.
public struct JobFilter: Sendable, Equatable {
    /// Only in these states, listed in this order.
    public var states: [JobState]
    /// Only of this queue; nil for all.
    public var queue: QueueName?
    /// Only of this type; nil for all.
    public var type: String?
    /// Only of this tenant; nil for all.
    public var tenant: String?

    /// All jobs by default.
    public init(
        states: [JobState] = JobFilter.allStates, queue: QueueName? = nil, type: String? = nil, tenant: String? = nil
    ) {
        self.states = states
        self.queue = queue
        self.type = type
        self.tenant = tenant
    }

    /// Every state that a job may be in.
    public static let allStates = JobState.allCases.filter { $0 != .unknown }

    /// Parses `dead` or `dead,cancelled`, as on the command line and in URLs.
    ///
    /// - Throws: `QueueError.field` for a state that does not exist.
    public static func states(_ text: String) throws(QueueError) -> [JobState] {
        var states: [JobState] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let state = JobState(rawValue: String(name)), allStates.contains(state) else {
                throw .field(
                    FieldError(
                        .wrongValue, "state", found: String(name),
                        allowed: allStates.map(\.rawValue).joined(separator: ", ")))
            }
            if !states.contains(state) { states.append(state) }
        }
        return states
    }

    fileprivate func fits(_ record: JobRecord, _ state: JobState) -> Bool {
        // It may have moved on since it was listed.
        record.state == state && (type == nil || record.body?.type == type)
            && (tenant == nil || record.body?.tenant == tenant)
    }
}

/// Some of the jobs that match a filter.
public struct JobPage: Sendable {
    /// In the order of queues, then states. Waiting jobs are ordered by when they will run and dead jobs by when they
    /// died; other ended jobs start with the last to end.
    public let jobs: [JobRecord]
    /// Where the next page begins; nil at the end. A page may be short or even empty although others follow.
    public let next: String?
}

extension Enqueue {
    /// How many jobs a page may have.
    public static let pageLimits = 1...1000
    /// How many jobs are read for one page, including those that the filter leaves out.
    static let scanLimit = 5000

    /// Lists jobs, one page at a time. Jobs that move meanwhile may be missed or come twice.
    ///
    /// - Parameters:
    ///   - cursor: `next` of the previous page; nil for the first.
    ///   - limit: of jobs in the page, 1 to 1,000.
    /// - Throws: `QueueError.field` for an invalid limit or cursor.
    public func list(_ filter: JobFilter, after cursor: String? = nil, limit: Int = 100) async throws(QueueError)
        -> JobPage
    {
        guard Self.pageLimits.contains(limit) else {
            throw .field(FieldError(.invalid, "limit", found: "\(limit)", allowed: "1 to 1000"))
        }
        let start = try cursor.map(Cursor.init)
        var names = try await queues().map(\.name)
        if let only = filter.queue { names = [only] }
        var jobs: [JobRecord] = []
        var looked = 0
        for name in names where name.text >= start?.queue.text ?? "" {
            // In another queue than the cursor's, from the first state on.
            let resumed = start?.queue == name ? start : nil
            let first = resumed.flatMap { filter.states.firstIndex(of: $0.state) } ?? 0
            for state in filter.states[first...] {
                var place = resumed?.state == state ? resumed : nil
                repeat {
                    var here = place ?? Cursor(queue: name, state: state)
                    let page = try await queue(name).list(state, offset: here.offset, limit: 100)
                    while here.skip < page.ids.count {
                        if jobs.count == limit || looked >= Self.scanLimit {
                            return JobPage(jobs: jobs, next: here.text)
                        }
                        // Without a filter, all jobs that are read are returned, unless they have moved.
                        let count = min(100, filter.type == nil && filter.tenant == nil ? limit - jobs.count : 100)
                        let part = Array(page.ids[here.skip...].prefix(count))
                        for record in try await queue(name).status(part) {
                            if jobs.count == limit { break }
                            if filter.fits(record, state) { jobs.append(record) }
                            here.skip += 1
                        }
                        looked += part.count
                    }
                    place = page.next.map { Cursor(queue: name, state: state, offset: $0) }
                    if let place, jobs.count == limit { return JobPage(jobs: jobs, next: place.text) }
                } while place != nil
            }
        }
        return JobPage(jobs: jobs, next: nil)
    }
}

/// A place in the listing: `<queue>.<state>.<offset>.<how many of the page there are done>`.
private struct Cursor {
    let queue: QueueName
    let state: JobState
    var offset = 0
    var skip = 0

    init(queue: QueueName, state: JobState, offset: Int = 0) {
        self.queue = queue
        self.state = state
        self.offset = offset
    }

    init(_ text: String) throws(QueueError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let limits = 0...1 << 40
        guard parts.count == 4, let queue = try? QueueName(String(parts[0])),
            let state = JobState(rawValue: String(parts[1])),
            let offset = Int(parts[2]), limits.contains(offset), let skip = Int(parts[3]), limits.contains(skip)
        else {
            throw .field(FieldError(.wrongValue, "after", found: text, allowed: "the 'next' of another page"))
        }
        self.init(queue: queue, state: state, offset: offset)
        self.skip = skip
    }

    var text: String { "\(queue).\(state.rawValue).\(offset).\(skip)" }
}
