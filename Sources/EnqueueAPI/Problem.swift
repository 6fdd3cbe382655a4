internal import HTTPTypes
internal import Hummingbird
internal import Queue

/// An error in the form for clients: RFC 9457, `application/problem+json`.
struct Problem: Error {
    let status: HTTPResponse.Status
    /// Stable, for programs.
    let code: String
    /// What happened, to what, and what to do.
    let detail: String
    var headers = HTTPFields()
    /// The fields that are refused, where all of them are named.
    var errors: [FieldError] = []

    init(_ status: HTTPResponse.Status, _ code: String, _ detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    static let contentType = "application/problem+json"

    /// The document.
    var json: [UInt8] {
        let fields = errors.map { error in
            JSONText.object([
                ("code", JSONText.string(error.kind.rawValue)), ("detail", JSONText.string(error.description)),
                ("field", JSONText.string(error.field)),
            ])
        }
        return JSONText.object(
            [
                ("code", JSONText.string(code)), ("detail", JSONText.string(detail)),
                ("errors", JSONText.array(fields)),
                ("status", JSONText.number(Int(status.code))), ("title", JSONText.string(status.reasonPhrase)),
                ("type", JSONText.string("about:blank")),
            ].filter { !fields.isEmpty || $0.name != "errors" })
    }

    var response: Response {
        var response = Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json)))
        response.headers[.contentType] = Self.contentType
        return response
    }

    /// The same, and the client is told not to send more on this connection.
    var closing: Problem { with(.connection, "close") }

    private func with(_ name: HTTPField.Name, _ value: String) -> Problem {
        var problem = self
        problem.headers[name] = value
        return problem
    }
}

extension Problem {
    static func badRequest(_ code: String, _ detail: String) -> Problem { Problem(.badRequest, code, detail) }

    static func notFound(path: String) -> Problem {
        Problem(.notFound, "no_such_route", "There is nothing at \(path.prefix(200)). The routes are in docs/api.md.")
    }

    static func unknownJob(_ id: String) -> Problem {
        Problem(
            .notFound, "unknown_job",
            "Job \(id.prefix(140)) is not known: it was never stored here, or is forgotten by now.")
    }

    static func skipped(_ detail: String) -> Problem { Problem(.conflict, "skipped", detail) }

    static func methodNotAllowed(_ method: String, allowed: String) -> Problem {
        Problem(.methodNotAllowed, "method_not_allowed", "\(method) is not possible here; use \(allowed).")
            .with(.allow, allowed)
    }

    /// Not 405, which must list the allowed methods; an unknown method is the same on every path.
    static func unknownMethod(_ method: String) -> Problem {
        Problem(
            .notImplemented, "unknown_method",
            "\(method.prefix(40)) is not a method of this API; use GET, POST, PUT, PATCH or DELETE.")
    }

    static func notUTF8(_ what: String) -> Problem {
        badRequest("not_utf8", "\(what) is not UTF-8, or contains U+FFFD, which replaces bytes that are not UTF-8.")
    }

    static let malformedURI = badRequest(
        "malformed_uri",
        "The path or its query is not UTF-8, or a '%' in it is not followed by two hexadecimal digits."
    )

    /// When there is room again depends on the workers; a few seconds keep clients from asking all the time.
    static func capReached(_ message: String) -> Problem {
        Problem(.tooManyRequests, "cap_reached", message).with(.retryAfter, "5")
    }

    static let wrongHost = badRequest("wrong_host", "Send the header 'Host' once.")

    static let malformedBody = badRequest(
        "malformed_body", "The body's chunks can't be read, or end too early. Nothing was stored."
    ).closing

    static let slowBody = Problem(
        .requestTimeout, "slow_body", "The body did not arrive in time. Nothing was stored; send the request again."
    ).closing

    /// Only the metrics see it: the connection is closed.
    static let clientLeft = Problem(
        HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request"), "client_left",
        "The client closed the connection before its answer."
    ).closing

    static func unauthorized(wrong: Bool) -> Problem {
        Problem(
            .unauthorized, wrong ? "wrong_token" : "no_token",
            wrong
                ? "The token is wrong. Send the value of PACKHORSE_API_TOKEN at the server."
                : "This API needs a token. Send 'Authorization: Bearer TOKEN'."
        ).with(.wwwAuthenticate, "Bearer realm=\"packhorse\"" + (wrong ? ", error=\"invalid_token\"" : ""))
    }

    static func foreignHost(_ name: String) -> Problem {
        Problem(
            .misdirectedRequest, "foreign_host",
            "Without a token the API answers only to localhost, not to '\(name.prefix(100))'. Set PACKHORSE_API_TOKEN at "
                + "the server to serve other names.")
    }

    static func tooLarge(_ detail: String) -> Problem { Problem(.contentTooLarge, "too_large", detail) }

    static let notJSON = Problem(
        .unsupportedMediaType, "not_json", "Send the request with 'Content-Type: application/json'.")

    static let unreachable = Problem(
        .serviceUnavailable, "redis_unreachable",
        "Redis can't be reached now. Send the request again; with an Idempotency-Key no job is stored twice."
    ).with(.retryAfter, "2")

    static let full = Problem(
        HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"), "redis_full",
        "Redis has no memory left; nothing was stored. Send the request again after workers have drained the queues."
    ).with(.retryAfter, "30")

    static let refused = Problem(
        .serviceUnavailable, "redis_refused", "Redis accepts no writes now; the server's log says why."
    )
    .with(.retryAfter, "10")

    static let unexpected = Problem(
        .internalServerError, "internal", "Something unexpected went wrong; the server's log says what.")
}
