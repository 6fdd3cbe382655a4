/// Removes the values of secrets from the output of a program.
struct Redaction {
    /// The longest first: one value may be the beginning of another.
    private let values: [String]

    static let mark = "[redacted]"

    init(of values: some Sequence<String>) {
        self.values = values.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }

    /// How many bytes beyond the limit must be kept, so that a secret that crosses the limit is recognized.
    var margin: Int { values.first?.utf8.count ?? 0 }

    /// - Parameters:
    ///   - bytes: the output, or its beginning.
    ///   - limit: how many bytes of it to keep, before secrets are removed.
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
