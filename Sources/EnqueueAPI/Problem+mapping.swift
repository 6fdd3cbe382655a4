internal import Hummingbird
internal import NIOCore
internal import Queue

extension Problem {
    /// What a client is told about an error. It does not contain what only the operator should see.
    init(_ error: any Error, answering request: Request) {
        switch error {
        case let problem as Problem: self = problem
        case let last as LastOnConnection: self = Problem(last.cause, answering: request).closing
        case let error as QueueError: self = .of(error)
        case let error as ScheduleErrors: self = .of(error)
        case is NIOTooManyBytesError: self = .tooLarge("The request body is too large.")
        case let error as HTTPError where error.status == .notFound:
            // The router also throws this for a method without a handler.
            self =
                RequestMetrics.methods.contains(request.method)
                ? .notFound(path: request.uri.path) : .unknownMethod(request.method.rawValue)
        case let error as any HTTPResponseError:
            self = Problem(error.status, "http", "The request can't be served: \(error.status.reasonPhrase).")
        default: self = .unexpected
        }
    }

    private static func of(_ error: QueueError) -> Problem {
        switch error {
        case .redis: unreachable
        case .full: full
        case .refused: refused
        case .tooLarge: tooLarge(error.description)
        case .capReached(let message): capReached(message)
        case .field(let error): badRequest(error.kind.rawValue, error.description)
        case .invalid(let message): badRequest("invalid", message)
        case .wrongState(let id, let state, let wanted):
            Problem(.conflict, "wrong_state", "Job \(id) is \(state.rawValue); \(wanted).")
        case .noSchedule: Problem(.notFound, "no_schedule", error.description)
        case .lapsed, .damaged: unexpected
        }
    }

    /// The code is that of the first field; `errors` has them all.
    private static func of(_ errors: ScheduleErrors) -> Problem {
        var problem = badRequest(
            errors.errors.first?.kind.rawValue ?? "invalid", errors.errors.map(\.description).joined(separator: " "))
        problem.errors = errors.errors
        return problem
    }

    /// Whether it must be logged for the operator.
    var isOurs: Bool { status.code >= 500 && status != .notImplemented }
}

/// An error after which the connection can't serve another request.
struct LastOnConnection: Error, CustomStringConvertible {
    let cause: any Error

    var description: String { "\(cause)" }
}
