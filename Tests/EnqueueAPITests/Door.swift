internal import Enqueue
internal import EnqueueAPI
internal import Foundation
internal import Logging
internal import Queue
internal import PackhorseRedis
internal import Secrets
internal import Servers
internal import TestSupport
internal import Testing
internal import Worker

/// The API on a free port of this machine, over the test's own Redis.
struct Door: Sendable {
    let port: Int
    let enqueue: Enqueue

    static let quiet = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }

    /// Opens it while `body` runs, with a worker if wanted; then shuts it down.
    static func open(
        token: String? = nil, payloadLimit: Int = NewJob.payloadLimit, worker: Bool = false,
        bodyTime: Duration = .seconds(30),
        _ body: (Door) async throws -> Void
    ) async throws {
        let url = try RedisServer.current.url
        let enqueue = try await Enqueue(redis: url, payloadLimit: payloadLimit)
        let api = API(
            enqueue, redis: url,
            options: try APIOptions(
                port: 0, token: token.map { Secret($0) }, payloadLimit: payloadLimit, bodyTime: bodyTime),
            logger: quiet)
        let (ports, announce) = AsyncStream<Int>.makeStream()
        let hands = Worker(redis: url, options: WorkerOptions(concurrency: 128, grace: .zero), logger: quiet) {
            Handler(raw: "test.echo") { body, _ in body.arguments }
            Handler(raw: "test.await") { _, context in
                try await context.waitFor("go", timeout: .seconds(600)) ?? .null
            }
            Handler(raw: "test.fail") { _, _ in throw Discard("no luck") }
            Handler(raw: "test.sleep") { _, _ in
                try await Task.sleep(for: .seconds(60))  // ends when the test cancels it
                return []
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await api.run { announce.yield($0) } }
            if worker { group.addTask { try await hands.run() } }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            do {
                try await body(Door(port: port, enqueue: enqueue))
            } catch {
                hands.stopNow()
                group.cancelAll()
                throw error
            }
            hands.stopNow()
            group.cancelAll()
            while let _ = try? await group.next() {}
        }
        await enqueue.close()
    }

    func callAsFunction(
        _ method: String, _ path: String, body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        var lines = ["\(method) \(path) HTTP/1.1", "Connection: close"]
        var headers = headers
        if headers["Host"] == nil { headers["Host"] = "127.0.0.1:\(port)" }
        if body != nil, headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        if let body { headers["Content-Length"] = "\(body.utf8.count)" }
        lines += headers.map { "\($0): \($1)" }
        return try await Client.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""), port: port)
    }

    func add(_ body: String, headers: [String: String] = [:]) async throws -> Answer {
        try await self("POST", "/v1/jobs", body: body, headers: headers)
    }

    /// Adds a job and gives its id.
    func added(_ type: String) async throws -> String {
        try await add(#"{"type":"\#(type)"}"#).object["id"] as? String ?? ""
    }
}

/// An HTTP answer, read as it comes over the wire.
struct Answer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: String

    var object: [String: Any] {
        get throws {
            try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any], "\(body)")
        }
    }

    /// Its problem document's code; the shape is checked on the way.
    func problem(_ location: SourceLocation = #_sourceLocation) throws -> String {
        let object = try object
        #expect(headers["content-type"] == "application/problem+json", sourceLocation: location)
        #expect(object["status"] as? Int == status, sourceLocation: location)
        #expect(object["type"] as? String == "about:blank", sourceLocation: location)
        #expect(object["title"] is String, sourceLocation: location)
        #expect(object["detail"] is String, sourceLocation: location)
        return try #require(object["code"] as? String, sourceLocation: location)
    }
}
