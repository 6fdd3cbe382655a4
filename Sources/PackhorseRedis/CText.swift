internal import Glibc

extension String {
    /// The text in a fixed-size C array, which Swift imports as a tuple.
    init<Array>(cArray: Array) {
        self = withUnsafeBytes(of: cArray) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// What an `errno` means: `Connection refused`.
    init(errno code: Int32) {
        self = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
