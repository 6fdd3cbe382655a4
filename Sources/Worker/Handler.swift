public import Queue

/// One registered job type.
public final class Handler: Sendable {
    /// The name under which its jobs are stored.
    public let type: String
    /// The newest version that it can run; it also runs all lower ones. Jobs of newer versions are left to other
    /// workers.
    public let version: Int
    let retry: RetryPolicy
    let timeout: Duration?
    let metrics = HandlerMetrics()
    /// Takes the job as stored and returns the result.
    let run: @Sendable (JobBody, JobContext) async throws -> Payload
    /// For a handler of collected jobs: takes the arguments of all, as their middleware left them, and returns a result for
    /// each. Then `run` waits for its part of the answer.
    let answer: Answer?

    typealias Answer = @Sendable ([Payload], CollectedContext) async throws -> [Result<Payload, any Error>]

    /// For a type whose arguments need no decoding.
    public init(
        raw type: String, retry: RetryPolicy = .exponential(), timeout: Duration? = nil,
        run: @escaping @Sendable (JobBody, JobContext) async throws -> Payload
    ) {
        self.type = type
        version = 1
        self.retry = retry
        self.timeout = timeout
        self.run = run
        answer = nil
    }

    /// For a job whose work needs more than its arguments, such as a connection, a store or a model, which the closure
    /// captures.
    ///
    /// ```swift
    /// Handler(Greet.self) { request, context in try await greeter.greet(request.name) }
    /// ```
    public convenience init<Request: JobRequest>(
        _ request: Request.Type, retry: RetryPolicy = .exponential(), timeout: Duration? = nil,
        run: @escaping @Sendable (Request, JobContext) async throws -> Request.Output
    ) where Request.Output: Encodable {
        self.init(
            request, retry: retry, timeout: timeout,
            encoded: { request, context in try Self.encode(await run(request, context), of: Request.type) })
    }

    init<Request: JobRequest>(
        _ request: Request.Type, retry: RetryPolicy, timeout: Duration?,
        encoded run: @escaping @Sendable (Request, JobContext) async throws -> Payload
    ) {
        type = Request.type
        version = Request.version
        self.retry = retry
        self.timeout = timeout
        self.run = { body, context in try await run(Self.decode(Request.self, body.arguments), context) }
        answer = nil
    }

    init(
        collecting type: String, version: Int, retry: RetryPolicy, timeout: Duration?, answer: @escaping Answer
    ) {
        self.type = type
        self.version = version
        self.retry = retry
        self.timeout = timeout
        self.answer = answer
        run = { body, context in
            guard let seat = context.seat else { return .null }
            return try await seat.join(with: body.arguments)
        }
    }

    private init(
        _ type: String, version: Int, retry: RetryPolicy, timeout: Duration?, answer: Answer?,
        run: @escaping @Sendable (JobBody, JobContext) async throws -> Payload
    ) {
        self.type = type
        self.version = version
        self.retry = retry
        self.timeout = timeout
        self.answer = answer
        self.run = run
    }

    /// The same handler with middleware around it, the first outermost.
    func wrapped(in middleware: [any JobMiddleware]) -> Handler {
        let run = run
        var chain: @Sendable (Payload, JobContext) async throws -> Payload = { arguments, context in
            try await run(context.running.body.replacing(arguments: arguments), context)
        }
        for layer in middleware.reversed() {
            let next = chain
            chain = { arguments, context in
                try await layer.run(arguments, context) { try await next($0, context) }
            }
        }
        let outermost = chain
        return Handler(type, version: version, retry: retry, timeout: timeout, answer: answer) { body, context in
            try await outermost(body.arguments, context)
        }
    }

    static func decode<Request: JobRequest>(_ type: Request.Type, _ arguments: Payload) throws -> Request {
        do {
            // A job without arguments may be enqueued with an empty payload.
            return try DirectJSON.decode(type, from: arguments.bytes.isEmpty ? Array("{}".utf8) : arguments.bytes)
        } catch {
            throw HandlerError.undecodable(type: Request.type, reason: "\(error)")
        }
    }

    static func encode(_ output: some Encodable, of type: String) throws -> Payload {
        do {
            return Payload(try DirectJSON.encode(output))
        } catch {
            throw HandlerError.unencodable(type: type, reason: "\(error)")
        }
    }
}

extension Registry {
    /// Accepts job types, handlers and lists of handlers, also in `if` and `for`.
    @resultBuilder
    public enum Builder {
        public static func buildExpression<J: Job>(_ type: J.Type) -> [Handler] where J.Output: Encodable {
            [Handler(type, retry: J.retry, timeout: J.timeout) { job, context in try await job.run(context) }]
        }

        public static func buildExpression<J: Job>(_ type: J.Type) -> [Handler] where J.Output == Void {
            [
                Handler(
                    type, retry: J.retry, timeout: J.timeout,
                    encoded: { job, context in
                        try await job.run(context)
                        return .null
                    })
            ]
        }

        public static func buildExpression(_ handler: Handler) -> [Handler] { [handler] }
        public static func buildExpression(_ handlers: [Handler]) -> [Handler] { handlers }
        public static func buildBlock(_ parts: [Handler]...) -> [Handler] { parts.flatMap { $0 } }
        public static func buildOptional(_ part: [Handler]?) -> [Handler] { part ?? [] }
        public static func buildEither(first part: [Handler]) -> [Handler] { part }
        public static func buildEither(second part: [Handler]) -> [Handler] { part }
        public static func buildArray(_ parts: [[Handler]]) -> [Handler] { parts.flatMap { $0 } }
    }
}
