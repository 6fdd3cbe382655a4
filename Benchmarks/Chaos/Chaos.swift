@main enum Chaos { static func main() {} }
