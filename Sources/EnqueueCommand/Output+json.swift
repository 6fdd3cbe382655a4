internal import Programs
internal import Queue

extension Output {
    static func line(_ json: [UInt8]) { line(String(decoding: json, as: UTF8.self)) }

    static func json(_ value: some Encodable) {
        // Strings, numbers and booleans can always be written.
        if let json = try? JSONText.value(value) { line(json) }
    }
}
