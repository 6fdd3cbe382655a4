internal import EmbeddedRedis
internal import EnqueueAPI
internal import PackhorseRedis
internal import Programs
internal import Queue
internal import ScheduleFiles
internal import Settings

/// Why a command fails: one line for people, a code for scripts.
struct Failure: Error, Equatable {
    enum Code: Int32 {
        /// The job failed, or the request does not apply now.
        case failed = 1
        case usage = 2
        case unreachable = 3
        case timeout = 4
        /// A cap is reached.
        case capReached = 5
    }

    let code: Code
    let message: String

    static func failed(_ message: String) -> Failure { Failure(code: .failed, message: message) }
    static func usage(_ message: String) -> Failure { Failure(code: .usage, message: message) }
    static func timeout(_ message: String) -> Failure { Failure(code: .timeout, message: message) }
}

extension Failure {
    /// Nil for what the argument parser throws.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as QueueError: self.init(error)
        case let error as ScheduleErrors: self = .usage(error.description)
        case let error as ScheduleFileError: self = .usage(error.description)
        case let error as SettingsError: self = .usage(error.description)
        case let error as NotUTF8: self = .usage(error.description)
        case let error as EmbeddedRedisError: self.init(code: .unreachable, message: error.description)
        case let error as APIError: self = .usage(error.description)
        default: return nil
        }
    }

    private init(_ error: QueueError) {
        let code: Code =
            switch error {
            case .redis: .unreachable
            case .field, .invalid, .tooLarge: .usage
            case .capReached: .capReached
            case .full, .refused, .lapsed, .damaged, .noSchedule, .wrongState: .failed
            }
        self.init(code: code, message: error.description)
    }
}
