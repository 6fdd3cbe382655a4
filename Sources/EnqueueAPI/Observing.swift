internal import Hummingbird
internal import Logging

/// Counts and measures every request, and answers every error with a problem document.
struct Observing: RouterMiddleware {
    let metrics: RequestMetrics
    let logger: Logger

    func handle(
        _ request: Request, context: ConnectionContext, next: (Request, ConnectionContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = Problem(error, answering: request)
            if problem.isOurs {
                logger.error(
                    "request failed",
                    metadata: [
                        "method": "\(request.method)", "route": "\(route(request, context))",
                        "status": "\(problem.status.code)", "reason": "\(error)",
                    ])
            }
            response = problem.response
        }
        // Whatever the answer to HEAD is, its body is not sent.
        if request.method == .head { response = response.createHeadResponse() }
        metrics.record(
            route: route(request, context), method: request.method, status: Int(response.status.code),
            took: start.duration(to: .now))
        return response
    }

    /// The path with its parameter names instead of values; one word for everything unknown, so that clients can't
    /// create labels.
    private func route(_ request: Request, _ context: ConnectionContext) -> String {
        guard let path = context.endpointPath, path.hasPrefix("/") else { return "other" }
        return request.uri.queryParameters["wait"] == nil ? path : path + "?wait"
    }
}
