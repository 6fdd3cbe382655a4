/// This version of Packhorse.
public enum Packhorse {
    /// `major.minor.patch`; shown by `--version` and sent by each worker with its beat.
    public static let version = "0.1.0"
}
