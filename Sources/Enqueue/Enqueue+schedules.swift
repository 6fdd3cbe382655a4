public import Queue

extension Enqueue {
    /// The schedules of all queues, by queue and name.
    public func schedules() async throws(QueueError) -> [Schedule] {
        var all: [Schedule] = []
        for one in try await queues() { all += try await one.schedules() }
        return all
    }

    /// The queue that keeps a schedule.
    ///
    /// - Parameter only: look only there; nil to look in all queues.
    /// - Throws: `QueueError.noSchedule`; `.invalid` with the names of the queues if several have a schedule of this name.
    public func queue(ofSchedule name: String, in only: QueueName? = nil) async throws(QueueError) -> Queue {
        try await find(name, in: only).queue
    }

    /// A schedule by its name.
    ///
    /// - Parameter only: look only in this queue; nil to look in all.
    /// - Throws: as `queue(ofSchedule:in:)`.
    public func schedule(_ name: String, in only: QueueName? = nil) async throws(QueueError) -> Schedule {
        try await find(name, in: only).schedule
    }

    /// Makes a schedule or changes it, in the queue of its jobs. With the same spec it changes nothing.
    ///
    /// - Throws: `QueueError.field` for a spec that is refused, `.capReached` if the queue has 1,000 schedules.
    @discardableResult
    public func putSchedule(_ spec: ScheduleSpec) async throws(QueueError) -> ScheduleChange {
        try spec.validate()
        let target = self.queue(try QueueName(spec.job.queue))
        // A queue may get a schedule before its first job; it is listed from then on.
        try await target.register()
        return try await target.putSchedule(spec)
    }

    /// Makes the schedules of a file, and removes those that the same file made before and no longer has. Any number of
    /// instances may call it at the same time.
    ///
    /// - Parameters:
    ///   - specs: of any queues, each with its own name.
    ///   - source: the file's name, not empty.
    /// - Throws: `QueueError.field` for a spec that is refused; nothing was changed then.
    @discardableResult
    public func syncSchedules(
        _ specs: [ScheduleSpec], from source: String
    ) async throws(QueueError) -> ScheduleSync {
        try await Queue.syncSchedules(specs, from: source, on: connection)
    }

    private func find(_ name: String, in only: QueueName?) async throws(QueueError) -> (
        queue: Queue, schedule: Schedule
    ) {
        var found: [(queue: Queue, schedule: Schedule)] = []
        let asked = if let only { [self.queue(only)] } else { try await queues() }
        // The empty name would stand for all schedules.
        for one in asked where !name.isEmpty {
            if let schedule = try await one.schedule(name) { found.append((one, schedule)) }
        }
        guard let first = found.first else { throw .noSchedule(queue: only?.text ?? "", schedule: name) }
        guard found.count == 1 else {
            let names = found.map(\.queue.name.text).joined(separator: ", ")
            throw .invalid("several queues have a schedule '\(name.prefix(100))': \(names). Name the queue.")
        }
        return first
    }
}

extension TickOutcome {
    /// Why `Queue.runSchedule` made no job.
    package static func skippedText(_ schedule: String) -> String {
        "A job of the schedule '\(schedule)' has not ended, and its overlap rule makes no other one; nothing was stored."
    }
}
