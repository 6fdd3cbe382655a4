/// The job types that a worker knows, by name.
public struct Registry: Sendable {
    let handlers: [String: Handler]

    /// Lists job types: `Registry { Greet.self; OCR.self }`. Two with the same name are a programming error.
    public init(@Builder _ handlers: () -> [Handler]) {
        var table: [String: Handler] = [:]
        for handler in handlers() {
            precondition(table[handler.type] == nil, "two job types are named '\(handler.type)'")
            table[handler.type] = handler
        }
        self.handlers = table
    }

    private init(_ handlers: [String: Handler]) { self.handlers = handlers }

    /// The same registry with middleware around each handler, the first outermost; without middleware, this registry.
    package func wrapped(in middleware: [any JobMiddleware]) -> Registry {
        middleware.isEmpty ? self : Registry(handlers.mapValues { $0.wrapped(in: middleware) })
    }

    /// The names, sorted.
    public var types: [String] { handlers.keys.sorted() }
}
