internal import Hummingbird
internal import Synchronization

/// Requests in numbers, since the start.
final class RequestMetrics: Sendable {
    /// The methods that HTTP defines; any other counts as `other`.
    static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]

    /// Upper ends in seconds; the last class has none.
    private static let ends = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private struct Label: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private struct Durations {
        var classes = [Int](repeating: 0, count: RequestMetrics.ends.count + 1)
        var sum = 0.0
        var count = 0
    }

    private struct State {
        var requests: [Label: Int] = [:]
        var durations: [String: Durations] = [:]
        var waiting = 0
    }

    private let state = Mutex(State())

    func record(route: String, method: HTTPRequest.Method, status: Int, took: Duration) {
        let seconds = took / .seconds(1)
        let label = Label(
            route: route, method: Self.methods.contains(method) ? method.rawValue : "other", status: status)
        let place = Self.ends.firstIndex { seconds <= $0 } ?? Self.ends.count
        state.withLock { state in
            state.requests[label, default: 0] += 1
            state.durations[route, default: Durations()].classes[place] += 1
            state.durations[route, default: Durations()].sum += seconds
            state.durations[route, default: Durations()].count += 1
        }
    }

    /// Counts a long poll while `body` runs.
    func waiting<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        state.withLock { $0.waiting += 1 }
        defer { state.withLock { $0.waiting -= 1 } }
        return try await body()
    }

    func write(to text: inout MetricsText) {
        let state = state.withLock { $0 }
        text.family("packhorse_http_requests_total", .counter, "Requests answered.")
        for (label, count) in state.requests.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            text.sample(
                "packhorse_http_requests_total",
                [("route", label.route), ("method", label.method), ("status", "\(label.status)")], Double(count))
        }
        text.family(
            "packhorse_http_request_seconds", .histogram, "Time to answer; waiting requests have their own route.")
        for (route, durations) in state.durations.sorted(by: { $0.key < $1.key }) {
            var total = 0
            for (i, count) in durations.classes.enumerated() {
                total += count
                let end = i < Self.ends.count ? "\(Self.ends[i])" : "+Inf"
                text.sample("packhorse_http_request_seconds_bucket", [("route", route), ("le", end)], Double(total))
            }
            text.sample("packhorse_http_request_seconds_sum", [("route", route)], durations.sum)
            text.sample("packhorse_http_request_seconds_count", [("route", route)], Double(durations.count))
        }
        text.family("packhorse_http_waiting", .gauge, "Requests that wait for a job to end.")
        text.sample("packhorse_http_waiting", [], Double(state.waiting))
    }
}
