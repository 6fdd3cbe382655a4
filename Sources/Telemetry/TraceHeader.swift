internal import Tracing

/// The only trace header that a job carries.
struct TraceHeader: Sendable {
    /// In the W3C format.
    var traceparent: String?

    /// Lets a tracer read and write it; all other headers are dropped.
    struct Access: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into carrier: inout TraceHeader) {
            if Self.isOurs(key) { carrier.traceparent = value }
        }

        func extract(key: String, from carrier: TraceHeader) -> String? {
            Self.isOurs(key) ? carrier.traceparent : nil
        }

        private static func isOurs(_ key: String) -> Bool { key.lowercased() == "traceparent" }
    }
}
