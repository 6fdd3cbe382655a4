import Enqueue
import Foundation
import Glibc
import Queue
import Servers
import TestSupport
import Testing

/// Nobody reads the log: a pager that shows its first page, Ctrl-S, a log driver that hangs.
@Suite struct StuckLogTests {
    @Test(.redis, .timeLimit(.minutes(3))) func aLogThatNobodyReadsStopsNothing() async throws {
        let folder = try Scratch.directory()
        let log = folder + "/log"
        try #require(mkfifo(log, 0o600) == 0)
        let pipe = open(log, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        defer { close(pipe) }
        let junk = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
        while write(pipe, junk, junk.count) > 0 {}  // until it is full

        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = (tests as NSString).deletingLastPathComponent + "/worker"
        let worker = try ChildProcess(
            "sh",
            [
                "-c", #"exec env -i "$@" 2>"$0""#, log, "PATH=/usr/local/bin:/usr/bin:/bin",
                "REDIS_URL=\(RedisServer.current.address)", "PACKHORSE_HOME=\(folder)", program, "run",
            ], output: folder + "/out")
        let enqueue = try await Enqueue(redis: RedisServer.current.url)
        let once = JobOptions(maxAttempts: 1)
        for _ in 0..<20 {
            _ = try await enqueue.add(
                NewJob("system.fail", arguments: Array("{}".utf8), in: .default, options: once))
        }
        try await Scratch.wait("all jobs to fail") { try await enqueue.queue(.default).stats().queue.dead == 20 }
        worker.signal(SIGTERM)
        try await Scratch.wait("the worker to end") { worker.exit != nil }
        #expect(worker.exit == 0)
        await enqueue.close()
    }
}
