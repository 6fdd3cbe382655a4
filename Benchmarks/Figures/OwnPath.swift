internal import Foundation

/// The path of this executable, to start it again in another role.
public func ownPath() throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
}
