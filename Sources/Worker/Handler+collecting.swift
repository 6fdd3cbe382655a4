public import Queue

/// Handlers that answer jobs in batches.
extension Handler {
    /// For jobs that are collected (`JobOptions.collect`): one call answers up to `Collect.upTo` of them.
    ///
    /// ```swift
    /// Handler(collecting: FetchCard.self) { requests, context in
    ///     try await context.permit("scryfall")
    ///     let cards = try await scryfall.collection(requests.map(\.card))
    ///     return requests.map { request in
    ///         cards[request.card].map { .success($0) } ?? .failure(Discard("there is no card \(request.card)"))
    ///     }
    /// }
    /// ```
    /// A job of the type that was enqueued without `collect` comes alone. A request that can't be decoded is not passed on.
    ///
    /// - Parameter run: returns one result for each request, in their order. A failure has the same effect as an error of a
    ///   job on its own, and concerns only its job; an error that is thrown concerns all.
    public convenience init<Request: JobRequest>(
        collecting request: Request.Type, retry: RetryPolicy = .exponential(), timeout: Duration? = nil,
        run: @escaping @Sendable ([Request], CollectedContext) async throws -> [Result<Request.Output, any Error>]
    ) where Request.Output: Encodable {
        self.init(
            collecting: Request.type, version: Request.version, retry: retry, timeout: timeout
        ) { arguments, context in
            let decoded = arguments.map { arguments in Result { try Self.decode(Request.self, arguments) } }
            let wanted = decoded.indices.filter { if case .success = decoded[$0] { true } else { false } }
            guard !wanted.isEmpty else { return decoded.map { $0.flatMap { _ in .success(.null) } } }
            let results = try await run(try wanted.map { try decoded[$0].get() }, context.only(wanted))
            guard results.count == wanted.count else {
                throw HandlerError.wrongCount(type: Request.type, results: results.count, jobs: wanted.count)
            }
            var next = results.makeIterator()
            return decoded.map { request in
                request.flatMap { _ in
                    guard let result = next.next() else { return .success(.null) }
                    return result.flatMap { output in Result { try Self.encode(output, of: Request.type) } }
                }
            }
        }
    }

    /// For a type whose arguments need no decoding; otherwise as `init(collecting:)`.
    public convenience init(
        collectingRaw type: String, retry: RetryPolicy = .exponential(), timeout: Duration? = nil,
        run: @escaping @Sendable ([Payload], CollectedContext) async throws -> [Result<Payload, any Error>]
    ) {
        self.init(collecting: type, version: 1, retry: retry, timeout: timeout, answer: run)
    }
}
