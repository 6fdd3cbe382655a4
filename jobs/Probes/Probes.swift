public import Worker

/// Jobs for trying out a worker: they do nothing, wait, fail, crash or keep a core busy.
public enum Probes {
    @Registry.Builder public static var handlers: [Handler] {
        Noop.handler
        Sleep.self
        Fail.self
        Crash.self
        Spin.self
    }
}
