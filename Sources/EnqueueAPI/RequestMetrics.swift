internal import Hummingbird
internal import PrometheusText
internal import Synchronization

/// Metrics of the requests since the start.
final class RequestMetrics: Sendable {
    /// The methods that HTTP defines; any other counts as `other`.
    static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]

    /// Upper bounds of the buckets, in seconds.
    private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    private struct Label: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private struct State {
        var requests: [Label: Int] = [:]
        var times: [String: Histogram] = [:]
        var waiting = 0
    }

    private let state = Mutex(State())

    func record(route: String, method: HTTPRequest.Method, status: Int, took: Duration) {
        let label = Label(
            route: route, method: Self.methods.contains(method) ? method.rawValue : "other", status: status)
        let times = state.withLock { state in
            state.requests[label, default: 0] += 1
            if let times = state.times[route] { return times }
            let times = Histogram(bounds: Self.bounds)
            state.times[route] = times
            return times
        }
        times.record(took)
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
                ["route": label.route, "method": label.method, "status": "\(label.status)"], Double(count))
        }
        text.family(
            "packhorse_http_request_seconds", .histogram, "Time to answer; waiting requests have their own route.")
        for (route, times) in state.times.sorted(by: { $0.key < $1.key }) {
            text.samples("packhorse_http_request_seconds", ("route", route), of: times)
        }
        text.single("packhorse_http_waiting", .gauge, "Requests that wait for a job to end.", Double(state.waiting))
    }
}
