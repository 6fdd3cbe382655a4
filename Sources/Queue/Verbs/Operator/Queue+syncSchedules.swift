public import PackhorseRedis

/// What a sync of schedules changed, by name.
public struct ScheduleSync: Sendable, Equatable, Codable {
    /// The names of the schedules that were made, changed, left as they were, or removed.
    public var added: [String] = [], changed: [String] = [], same: [String] = [], removed: [String] = []
}

extension Queue {
    /// Makes the schedules of a file, and removes those that the same file made before and no longer has. Any number of
    /// instances may call it at the same time.
    ///
    /// - Parameters:
    ///   - specs: of any queues, each with its own name.
    ///   - source: the file's name, not empty.
    /// - Throws: `QueueError.field` for a spec that is refused or a name that is used twice in a queue; nothing was
    ///   changed then.
    public static func syncSchedules(
        _ specs: [ScheduleSpec], from source: String, on connection: RedisConnection
    ) async throws(QueueError) -> ScheduleSync {
        var names: [QueueName: Set<String>] = [:]
        for spec in specs {
            try spec.validate()
            guard names[try QueueName(spec.job.queue), default: []].insert(spec.name).inserted else {
                throw .field(.repeated, "name", found: spec.name, allowed: "once in a queue")
            }
        }
        var sync = ScheduleSync()
        for spec in specs {
            let queue = Queue(try QueueName(spec.job.queue), on: connection)
            try await queue.register()
            switch try await queue.putSchedule(spec, source: source) {
            case .added: sync.added.append(spec.name)
            case .changed: sync.changed.append(spec.name)
            case .same: sync.same.append(spec.name)
            }
        }
        for queue in try await all(on: connection) {
            for schedule in try await queue.schedules()
            where schedule.source == source && names[queue.name]?.contains(schedule.name) != true {
                if try await queue.removeSchedule(schedule.name, madeBy: source) { sync.removed.append(schedule.name) }
            }
        }
        return sync
    }
}
