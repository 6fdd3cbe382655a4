internal import Foundation

/// Where this program's file is, for starting it again in another role.
public func ownPath() throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
}
