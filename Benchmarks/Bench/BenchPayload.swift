/// The arguments of every measured job, about 100 bytes of JSON: a number, its creation time, and padding.
struct BenchPayload: Codable {
    var seq: Int
    /// CLOCK_MONOTONIC in ns, just before the job was handed to the client.
    var t: Int
    var pad: String

    private static let end = Array(",\"pad\":\"\(String(repeating: "x", count: 52))\"}".utf8)

    /// The same as bytes, without a JSON encoder.
    static func json(_ seq: Int, _ t: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(112)
        bytes += "{\"seq\":".utf8
        bytes += String(seq).utf8
        bytes += ",\"t\":".utf8
        bytes += String(t).utf8
        bytes += end
        return bytes
    }
}
