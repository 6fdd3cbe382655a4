internal import Glibc

/// How this process was told to treat signals.
public enum ProcessSignals {
    /// Whether a signal was ignored when the process started, as SIGHUP is after nohup; then it stays so.
    public static func isIgnored(_ number: Int32) -> Bool {
        var now = sigaction()
        sigaction(number, nil, &now)
        return unsafeBitCast(now.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
