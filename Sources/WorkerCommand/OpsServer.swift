internal import Glibc
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import PrometheusText
internal import Queue
internal import Worker

/// The worker's HTTP port, for the system that monitors it.
///
/// | path | answer |
/// |---|---|
/// | `/healthz` | 200 while the process answers |
/// | `/readyz` | 200 if the lease holds and Redis answers, else 503; a JSON object with the reason |
/// | `/metrics` | Prometheus' text format 0.0.4 |
enum OpsServer {
    /// Listens from now until the process ends; returns when it is listening.
    ///
    /// - Throws: the reason why it can't listen.
    static func start(
        _ host: String, _ port: Int, _ worker: Worker, _ watch: ConcernWatch, _ logger: Logger
    ) async throws {
        let (running, listening) = AsyncThrowingStream<Int, any Error>.makeStream()
        var quiet = Logger(label: "http")
        quiet.logLevel = .warning
        let app = Application(
            router: router(worker, watch), server: .http1(configuration: .init(idleTimeout: .seconds(75))),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in listening.yield(channel.localAddress?.port ?? port) },
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)), logger: quiet)
        Task {
            do {
                try await app.run()
            } catch {
                listening.finish(throwing: error)
            }
        }
        for try await port in running {
            logger.info("listening", metadata: ["host": "\(host)", "port": "\(port)"])
            return
        }
    }

    /// In the words of the system, if there are any.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as SocketAddressError.UnknownHost: error.errorDescription
        default: "\(error)"
        }
    }

    private static func router(_ worker: Worker, _ watch: ConcernWatch) -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("healthz") { _, _ in answer(.ok, json: JSONText.object([("status", JSONText.string("ok"))])) }
        router.get("readyz") { _, _ in
            switch worker.readiness {
            case .ready: answer(.ok, json: ready(watch.concerns))
            case .joining: unready("it has no lease: it is joining, or joining again")
            case .silent(let time): unready("Redis has not answered for \(Int(time / .milliseconds(1))) ms")
            case .stopping: unready("it stops")
            }
        }
        router.get("metrics") { _, _ in
            var text = MetricsText()
            text.concerns(watch.concerns.map(\.name), of: ServerConcern.names)
            return answer(.ok, type: MetricsText.contentType, worker.metricsText + text.text + CollectedMetrics.text)
        }
        return router
    }

    private static func ready(_ concerns: [ServerConcern]) -> [UInt8] {
        let list = JSONText.array(concerns.map { JSONText.string($0.description) })
        return JSONText.object([("ready", JSONText.flag(true)), ("concerns", list)])
    }

    private static func unready(_ reason: String) -> Response {
        answer(
            .serviceUnavailable,
            json: JSONText.object([("ready", JSONText.flag(false)), ("reason", JSONText.string(reason))]))
    }

    private static func answer(_ status: HTTPResponse.Status, json: [UInt8]) -> Response {
        answer(status, type: "application/json", String(decoding: json, as: UTF8.self) + "\n")
    }

    private static func answer(_ status: HTTPResponse.Status, type: String, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
