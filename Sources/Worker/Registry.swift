internal import Foundation
public import Queue

/// The job types that a worker knows, by name.
public struct Registry: Sendable {
    let handlers: [String: Handler]

    /// Lists job types: `Registry { Greet.self; OCR.self }`. Two of one name are a programming error.
    public init(@Builder _ handlers: () -> [Handler]) {
        var table: [String: Handler] = [:]
        for handler in handlers() {
            precondition(table[handler.type] == nil, "two job types are named '\(handler.type)'")
            table[handler.type] = handler
        }
        self.handlers = table
    }

    /// The names, sorted.
    public var types: [String] { handlers.keys.sorted() }

    @resultBuilder
    public enum Builder {
        public static func buildExpression<J: Job>(_ type: J.Type) -> [Handler] where J.Output: Encodable {
            [Handler(type) { job, context in try encode(await job.run(context), of: J.type) }]
        }

        public static func buildExpression<J: Job>(_ type: J.Type) -> [Handler] where J.Output == Void {
            [
                Handler(type) { job, context in
                    try await job.run(context)
                    return nothing
                }
            ]
        }

        public static func buildExpression(_ handler: Handler) -> [Handler] { [handler] }
        public static func buildExpression(_ handlers: [Handler]) -> [Handler] { handlers }
        public static func buildBlock(_ parts: [Handler]...) -> [Handler] { parts.flatMap { $0 } }
        public static func buildOptional(_ part: [Handler]?) -> [Handler] { part ?? [] }
        public static func buildEither(first part: [Handler]) -> [Handler] { part }
        public static func buildEither(second part: [Handler]) -> [Handler] { part }
        public static func buildArray(_ parts: [[Handler]]) -> [Handler] { parts.flatMap { $0 } }

        private static let nothing = Array("null".utf8)

        private static func encode(_ output: some Encodable, of type: String) throws -> [UInt8] {
            do {
                return Array(try JSONEncoder().encode(output))
            } catch {
                throw HandlerError.unencodable(type: type, reason: "\(error)")
            }
        }
    }
}

/// One registered job type.
public final class Handler: Sendable {
    public let type: String
    public let version: Int
    let retry: RetryPolicy
    let timeout: Duration?
    let metrics = HandlerMetrics()
    /// Takes the job as stored, gives the result as JSON.
    let run: @Sendable (JobBody, JobContext) async throws -> [UInt8]

    /// For a type whose arguments need no decoding.
    public init(
        raw type: String, retry: RetryPolicy = .exponential(), timeout: Duration? = nil,
        run: @escaping @Sendable (JobBody, JobContext) async throws -> [UInt8]
    ) {
        self.type = type
        version = 1
        self.retry = retry
        self.timeout = timeout
        self.run = run
    }

    init<J: Job>(_ job: J.Type, run: @escaping @Sendable (J, JobContext) async throws -> [UInt8]) {
        type = J.type
        version = J.version
        retry = J.retry
        timeout = J.timeout
        self.run = { body, context in
            let arguments = body.arguments
            let decoded: J
            do {
                // A job without arguments may be enqueued with none.
                decoded = try JSONDecoder().decode(J.self, from: arguments.isEmpty ? Data("{}".utf8) : Data(arguments))
            } catch {
                throw HandlerError.undecodable(type: J.type, reason: "\(error)")
            }
            return try await run(decoded, context)
        }
    }
}
