internal import Tracing

/// The one header of a trace that a job carries.
struct TraceHeader: Sendable {
    /// In W3C's form.
    var traceparent: String?

    /// Lets a tracer read and write it; any other header is dropped.
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
