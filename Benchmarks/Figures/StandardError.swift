internal import Foundation

/// Reports what a run is doing on standard error; standard output is for figures only.
public func progress(_ message: String) {
    FileHandle.standardError.write(Data((message + "\n").utf8))
}

/// Prints the line of a figure at once.
public func publish(_ figure: Figure) {
    FileHandle.standardOutput.write(Data((figure.json + "\n").utf8))
}
