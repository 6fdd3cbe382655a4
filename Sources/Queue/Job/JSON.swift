internal import Foundation

extension JobFailure {
    /// One line of JSON.
    var json: [UInt8] {
        (try? JSONEncoder().encode(self)).map(Array.init)
            ?? Array(#"{"type":"\#(type)","message":"its message can't be written as JSON","retryable":false}"#.utf8)
    }
}
