public import Enqueue
internal import Glibc
internal import Hummingbird
public import Logging
internal import NIOCore
public import PackhorseRedis
internal import ServiceLifecycle
internal import UnixSignals

/// The HTTP API of the queues (docs/api.md): adds jobs, reports on them, cancels them.
///
/// The path of a request: `Observing` (counts it, turns every error into a problem document) → `Guarding` (checks
/// access) → a function of `JobRoutes`, `ListRoutes`, `ConfigRoutes`,
/// `ScheduleRoutes`, `SignalRoutes`, `TenantRoutes`, `LimitRoutes`, `SequenceRoutes` or `OperatorRoutes`.
public struct API: Sendable {
    private let enqueue: Enqueue
    private let redis: RedisURL
    private let options: APIOptions
    private let stopSignals: [UnixSignal]
    private let logger: Logger

    /// Does not connect or listen yet.
    ///
    /// - Parameters:
    ///   - enqueue: stores the jobs and reports on them; the caller closes it.
    ///   - redis: the same Redis, which `/readyz` checks over a separate connection.
    ///   - hangsUp: whether SIGHUP ends it like SIGTERM; false after nohup.
    public init(
        _ enqueue: Enqueue, redis: RedisURL, options: APIOptions, hangsUp: Bool = true,
        logger: Logger = Logger(label: "api")
    ) {
        stopSignals = hangsUp ? [.sigterm, .sigint, .sighup] : [.sigterm, .sigint]
        self.enqueue = enqueue
        self.redis = redis
        self.options = options
        self.logger = logger
    }

    /// Serves until SIGTERM, SIGINT or SIGHUP, or until its task is cancelled. Then it accepts no more connections,
    /// answers waiting requests at once, and returns when all are answered, or after ten seconds.
    ///
    /// - Parameter listening: called once with the port, when the API can be reached.
    /// - Throws: `APIError.cannotListen`.
    public func run(listening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }) async throws {
        let readiness = Readiness(redis)
        let application = Application(
            router: router(readiness),
            server: .http1(options, idleTimeout: .seconds(75)),
            configuration: ApplicationConfiguration(address: .hostname(options.host, port: options.port)),
            onServerRunning: { channel in await listening(channel.localAddress?.port ?? options.port) },
            logger: quietLogger)
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: application)], gracefulShutdownSignals: stopSignals,
            logger: quietLogger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        do {
            try await ServiceGroup(configuration: configuration).run()
            await readiness.close()
        } catch {
            await readiness.close()
            let reason: String
            switch error {
            case let error as IOError: reason = String(cString: strerror(error.errnoCode))
            case let error as SocketAddressError.UnknownHost: reason = error.errorDescription
            default: throw error
            }
            throw APIError.cannotListen(host: options.host, port: options.port, reason: reason)
        }
    }

    /// The libraries' own log lines matter only if something is wrong.
    private var quietLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }

    private func router(_ readiness: Readiness) -> Router<ConnectionContext> {
        let metrics = RequestMetrics()
        let router = Router(context: ConnectionContext.self)
        router.add(middleware: Observing(metrics: metrics, logger: logger))
        router.add(middleware: Guarding(options: options))
        let jobs = JobRoutes(enqueue: enqueue, options: options, metrics: metrics)
        let operators = OperatorRoutes(readiness: readiness, metrics: metrics, stats: StatsCache(enqueue))
        let lists = ListRoutes(enqueue: enqueue)
        let configs = ConfigRoutes(enqueue: enqueue, options: options)
        router.serve("/v1/jobs", [.post: jobs.add, .get: lists.list])
        router.serve("/v1/jobs/{id}", [.get: jobs.status, .delete: jobs.cancel])
        let signals = SignalRoutes(enqueue: enqueue, options: options)
        router.serve("/v1/signals", [.post: signals.send])
        router.serve("/v1/queues/{queue}/config", [.get: configs.show, .patch: configs.change])
        let tenants = TenantRoutes(enqueue: enqueue, options: options)
        router.serve("/v1/queues/{queue}/tenants", [.get: tenants.list])
        router.serve("/v1/queues/{queue}/tenants/{tenant}", [.put: tenants.put, .delete: tenants.remove])
        let limits = LimitRoutes(enqueue: enqueue, options: options)
        router.serve("/v1/queues/{queue}/limits", [.get: limits.list])
        router.serve(
            "/v1/queues/{queue}/limits/{key}", [.get: limits.show, .put: limits.put, .delete: limits.remove])
        let sequences = SequenceRoutes(enqueue: enqueue)
        router.serve("/v1/queues/{queue}/sequences", [.get: sequences.list])
        router.serve("/v1/queues/{queue}/sequences/{key}", [.get: sequences.show])
        router.serve("/v1/queues/{queue}/sequences/{key}/resume", [.post: sequences.resume])
        let schedules = ScheduleRoutes(enqueue: enqueue, options: options)
        router.serve("/v1/schedules", [.get: schedules.list])
        router.serve(
            "/v1/schedules/{name}", [.get: schedules.show, .put: schedules.put, .delete: schedules.remove])
        router.serve("/v1/schedules/{name}/next", [.get: schedules.next])
        router.serve("/v1/schedules/{name}/pause", [.post: schedules.pause])
        router.serve("/v1/schedules/{name}/resume", [.post: schedules.resume])
        router.serve("/v1/schedules/{name}/run", [.post: schedules.run])
        router.serve("/healthz", [.get: operators.healthz])
        router.serve("/readyz", [.get: operators.readyz])
        router.serve("/metrics", [.get: operators.metricsText])
        return router
    }
}

extension Router<ConnectionContext> {
    typealias Respond = @Sendable (Request, ConnectionContext) async throws -> Response

    /// Answers `path` by method; other methods are refused with the list of allowed ones.
    fileprivate func serve(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Respond]) {
        var handlers = handlers
        if let get = handlers[.get] { handlers[.head] = get }
        let allowed = handlers.keys.map(\.rawValue).sorted().joined(separator: ", ")
        for method in RequestMetrics.methods {
            let respond: Respond =
                handlers[method] ?? { _, _ in throw Problem.methodNotAllowed(method.rawValue, allowed: allowed) }
            on(path, method: method, responder: CallbackResponder(callback: respond))
        }
    }
}

/// Why the API can't serve.
public enum APIError: Error, Sendable, Equatable, CustomStringConvertible {
    /// For example, the port is in use or the host is not of this machine; `reason` is in the words of the system.
    case cannotListen(host: String, port: Int, reason: String)
    /// Without a token, the API must not be reachable from other hosts.
    case needsToken(host: String)

    public var description: String {
        switch self {
        case .cannotListen(let host, let port, let reason):
            "the API can't listen on \(host):\(port): \(reason). Choose another --port or --host."
        case .needsToken(let host):
            "the API serves host '\(host)' only with a token: set PACKHORSE_API_TOKEN or PACKHORSE_API_TOKEN_FILE, or "
                + "leave --host at 127.0.0.1."
        }
    }
}
