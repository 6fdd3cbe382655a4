import Queue
import Servers

/// What the jobs of a chaos run do.
enum Kind: String, CaseIterable, Sendable {
    case quick
    /// Sleeps, and stops when it is cancelled.
    case sleep
    /// Sleeps and ignores cancellation, so it offers its outcome even if it no longer has a lease.
    case stubborn
    /// Three durable steps.
    case stepped
    /// Fails a few times first.
    case flaky
    /// Always fails, and goes to dead.
    case doomed
    /// Holds its thread.
    case spin
    /// Several are answered by one handler.
    case collected
    /// Waits for a signal, which the producer sends.
    case awaiting

    var type: String { "chaos.\(rawValue)" }

    /// The same kinds again and again in a mix that keeps all slots in use.
    static func random(using random: inout SeededRandom) -> Kind {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: .quick
        case 40..<46: .collected
        case 46..<50: .awaiting
        case 50..<65: .sleep
        case 65..<75: .stubborn
        case 75..<85: .stepped
        case 85..<93: .flaky
        case 93..<95: .doomed
        default: .spin
        }
    }

    /// How long it takes, in ms.
    func milliseconds(using random: inout SeededRandom) -> Int {
        switch self {
        case .quick, .flaky, .doomed, .collected, .awaiting: 0
        case .sleep, .stubborn: .random(in: 5...400, using: &random)
        case .stepped: .random(in: 1...100, using: &random)
        case .spin: .random(in: 1...20, using: &random)
        }
    }
}

/// What a producer was promised.
struct Promise: Sendable, Equatable {
    var kind: Kind
    /// Nearly all jobs have the default one, so few are ahead of a job that comes back to the head of its line.
    var priority = Priority.default
    var feature = Feature.none

    /// What else the job asks for, besides its kind.
    enum Feature: Sendable, Equatable {
        case none
        /// A rate, and a number of running jobs.
        case limits
        case tenant(String)
        case sequence(String)
        case key

        static func random(using random: inout SeededRandom) -> Feature {
            switch Int.random(in: 0..<20, using: &random) {
            case 0: .limits
            case 1, 2: .tenant("t\(Int.random(in: 0..<4, using: &random))")
            case 3, 4: .sequence("s\(Int.random(in: 0..<10, using: &random))")
            case 5: .key
            default: .none
            }
        }
    }

    static func random(using random: inout SeededRandom) -> Promise {
        let priority: Priority =
            switch Int.random(in: 0..<20, using: &random) {
            case 0: .critical
            case 1: .high
            case 2: .low
            default: .default
            }
        let kind = Kind.random(using: &random)
        // Collected jobs can't have limits, a sequence or a tenant.
        return Promise(
            kind: kind, priority: priority, feature: kind == .collected ? .none : .random(using: &random))
    }
}

/// The arguments of a chaos job.
struct ChaosArguments: Codable {
    var ms: Int
    /// Attempts that fail.
    var fails: Int
}

/// What a chaos job returns: who ran it, and who ran its steps, each as `<pid>:<attempt>`.
struct ChaosResult: Codable, Equatable {
    var by: String
    var steps: [String]
}
