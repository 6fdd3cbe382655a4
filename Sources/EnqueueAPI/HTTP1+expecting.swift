internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

extension HTTPServerBuilder {
    /// HTTP/1.1, with `100 Continue` for clients that wait for it before they send a body (RFC 9110, 10.1.1). For a
    /// body that is announced as too large, they get only the refusal.
    static func http1(_ options: APIOptions, idleTimeout: TimeAmount) -> HTTPServerBuilder {
        let bodyLimit = options.bodyLimit
        let deadline = TimeAmount.milliseconds(Int64(options.bodyTime / .milliseconds(1)))
        return HTTPServerBuilder { respond in
            HTTP1Channel(
                responder: { request, writer, channel in
                    if expectsContinue(request, bodyLimit) {
                        try await writer.writeInformationalHead(HTTPResponse(status: .continue))
                    }
                    try await respond(request, writer, channel)
                },
                configuration: .init(
                    additionalChannelHandlers: [BodyDeadline(deadline)], idleTimeout: idleTimeout))
        }
    }

    private static func expectsContinue(_ request: Request, _ bodyLimit: Int) -> Bool {
        guard request.headers[.expect]?.lowercased() == "100-continue" else { return false }
        return request.headers[.contentLength].flatMap { Int($0) }.map { $0 <= bodyLimit } ?? true
    }
}
