internal import Foundation

/// Tells what a run is doing; standard output is for figures only.
public func progress(_ message: String) {
    FileHandle.standardError.write(Data((message + "\n").utf8))
}

/// Prints a figure's line at once.
public func publish(_ figure: Figure) {
    FileHandle.standardOutput.write(Data((figure.json + "\n").utf8))
}
