import Foundation
import PackhorseRedis
import Servers
import TestSupport

@testable import Queue

/// One millisecond of test time that is long ago for the server, so that nothing mixes up the two.
let start = 1_000_000

/// A queue on the server of this test.
func makeQueue(_ name: String = "default") async throws -> Queue {
    let connection = RedisConnection(try RedisServer.current.url, name: "test")
    try await connection.connect()
    return Queue(try QueueName(name), on: connection)
}

extension JobID {
    /// `default.<part>`
    static func of(_ part: String) -> JobID { JobID(key: Array("ph:{default}:job:\(part)".utf8)) }

    /// What Redis calls a job of that queue.
    var key: String { "ph:{default}:job:" + text.dropFirst("default.".count) }
}

func job(
    _ part: String, options: JobOptions = JobOptions(), arguments: String = "{}"
) throws -> NewJob {
    try NewJob("test.noop", arguments: Array(arguments.utf8), in: .default, id: .of(part), options: options)
}

let failure = JobFailure(type: "Test", message: "made up", retryable: true)

extension Outcome {
    static let success = Outcome.succeeded(result: .null, dropsSteps: false)
    /// Waits for the signal `go`, for nine seconds.
    static let waiting = (try? SignalWait("go", timeout: .seconds(9))).map { Outcome.awaiting($0) } ?? .success
}

extension Queue {
    /// Runs a plain command on a key of this queue.
    @discardableResult
    func command(_ verb: StaticString, _ key: String, _ arguments: String...) async throws -> RedisReply {
        var command = RedisCommand(verb, arguments: 1 + arguments.count)
        command.append(base + key)
        for argument in arguments { command.append(argument) }
        return try await send(command)
    }

    /// As after a restart of the server: its script cache is empty.
    func flushScripts() async throws {
        var command = RedisCommand("SCRIPT", arguments: 1)
        command.append("FLUSH")
        _ = try await send(command)
    }

    /// How many connections sleep in a blocking command.
    func blockedClients() async throws -> Int {
        var command = RedisCommand("INFO", arguments: 1)
        command.append("clients")
        let line = try await send(command).string?.split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix("blocked_clients:") }
        return line.flatMap { Int($0.dropFirst(16)) } ?? -1
    }

    /// - Parameter server: the run of the server that the worker says to speak to; nil if it doesn't know.
    func join(_ worker: String, lease: Duration = .seconds(5), server: String? = nil, now: Int) async throws {
        let about = server.map { #"{"server":"\#($0)"}"# } ?? "{}"
        try await join(worker, lease: lease, about: about, now: now)
    }

    /// - Parameter retention: if it is given, it is time to forget ended jobs.
    func take(
        _ count: Int = 1, by worker: String, maxCrashes: Int = 3, retention: Retention? = nil, now: Int
    ) async throws -> [Claim] {
        try await set(QueueConfig(retention: retention ?? Retention(), maxCrashes: maxCrashes))
        if retention != nil { try await command("HDEL", "meta", "tidyAt") }
        return try await reserve(upTo: count, by: worker, now: now).claims
    }

    /// The same as `configure`, but wakes nobody, and writes nothing if nothing changes.
    func set(_ config: QueueConfig) async throws {
        for (setting, value) in config.values
        where try await command("HGET", "meta", setting.rawValue).string != "\(value)" {
            try await command("HSET", "meta", setting.rawValue, "\(value)")
        }
    }

    func state(_ part: String) async throws -> JobState { try await status(.of(part)).state }
}
