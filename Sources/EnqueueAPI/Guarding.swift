internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Secrets

/// Checks access: with the token if there is one, otherwise only from this machine.
struct Guarding: RouterMiddleware {
    let options: APIOptions

    func handle(
        _ request: Request, context: ConnectionContext, next: (Request, ConnectionContext) async throws -> Response
    ) async throws -> Response {
        try Self.checkOneHost(request)
        if !Self.isProbe(request) {
            if let token = options.token {
                try check(token, request)
            } else {
                try checkHost(request)
            }
        }
        try Self.checkURI(request)
        return try await next(request, context)
    }

    /// Bytes that are not UTF-8 were replaced when the request was read, or would be when they are decoded.
    private static func checkURI(_ request: Request) throws {
        let text = request.head.path ?? ""
        guard !text.unicodeScalars.contains("\u{FFFD}"), text.removingPercentEncoding != nil else {
            throw Problem.malformedURI
        }
    }

    /// Probes may ask whether the process lives without knowing the token.
    private static func isProbe(_ request: Request) -> Bool {
        request.uri.path == "/healthz" || request.uri.path == "/readyz"
    }

    /// HTTP/1.1 requires exactly one. Probes often use HTTP/1.0, which may omit it.
    private static func checkOneHost(_ request: Request) throws {
        // The first is the authority; only a second one remains in the headers.
        guard request.header("host") == nil, request.head.authority != nil || isProbe(request) else {
            throw Problem.wrongHost
        }
    }

    private func check(_ token: Secret, _ request: Request) throws {
        guard let header = request.headers[.authorization] else { throw Problem.unauthorized(wrong: false) }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", token.matches(parts[1]) else {
            throw Problem.unauthorized(wrong: true)
        }
    }

    /// A web page can make a browser send requests to this machine under another host name (DNS rebinding).
    private func checkHost(_ request: Request) throws {
        let authority = request.head.authority ?? ""
        let name = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        guard APIOptions.isLoopback(name) else { throw Problem.foreignHost(String(name)) }
    }
}
