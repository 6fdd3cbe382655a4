/// Takes the values of secrets out of what a program said.
struct Redaction {
    /// The longest first: one may be the start of another.
    private let values: [String]

    static let mark = "[redacted]"

    init(of values: some Sequence<String>) {
        self.values = values.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }

    /// Bytes that must be kept beyond the limit, so that a secret which crosses it is known as one.
    var margin: Int { values.first?.utf8.count ?? 0 }

    /// - Parameters:
    ///   - bytes: what was said, or its start.
    ///   - limit: bytes of it to keep, before secrets are taken out.
    func text(of bytes: [UInt8], limit: Int) -> String {
        var kept: [UInt8] = []
        var place = 0
        while place < min(limit, bytes.count) {
            if let value = values.first(where: { bytes[place...].starts(with: $0.utf8) }) {
                kept += Array(Self.mark.utf8)
                place += value.utf8.count
            } else {
                kept.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
