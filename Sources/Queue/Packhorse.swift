/// This version of Packhorse.
public enum Packhorse {
    public static let version = "0.1.0"
}
