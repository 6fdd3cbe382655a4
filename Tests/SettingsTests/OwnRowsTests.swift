import Settings
import Testing

extension Setting where Value == Int {
    /// A row that an executable brings with its own jobs.
    fileprivate static let pictureWidth = number(
        "PACKHORSE_PICTURE_WIDTH", 16...4096, default: 640, "The width of a thumbnail, in pixels.")
}

extension Setting where Value == String {
    fileprivate static let shop = path("SHOP_FOLDER", default: "/srv/shop", "Where orders are put.")
    fileprivate static func named(_ name: String) -> Setting { path(name, default: ".", "Anything.") }
}

/// An executable that lists jobs of its own brings the settings that these read.
@Suite struct OwnRowsTests {
    private let table: SettingsTable

    init() throws { table = try SettingsTable.core.adding([Setting<Int>.pictureWidth, Setting<String>.shop]) }

    @Test func anOwnRowIsRead() throws {
        let settings = Settings(environment: ["PACKHORSE_PICTURE_WIDTH": "320"], table)
        #expect(try settings[.pictureWidth] == 320)
        #expect(try settings[.shop] == "/srv/shop")
        #expect(try settings[.concurrency] == 16)
    }

    @Test func theCheckListsItWithItsSource() {
        let report = Settings(environment: ["PACKHORSE_PICTURE_WIDTH": "320"], table).report()
        let row = report.settings.first { $0.name == "PACKHORSE_PICTURE_WIDTH" }
        #expect(row?.value == "320")
        #expect(row?.source == "environment")
        #expect(report.warnings.isEmpty)
    }

    @Test func theCheckNamesAWrongValue() {
        let report = Settings(environment: ["PACKHORSE_PICTURE_WIDTH": "5"], table).report()
        #expect(report.errors == ["PACKHORSE_PICTURE_WIDTH is '5'. Allowed: a whole number from 16 to 4096."])
    }

    @Test func thePageHasItBehindTheCore() {
        let lines = table.markdown(worker: "shop").split(separator: "\n").map(String.init)
        #expect(
            Array(lines.suffix(2)) == [
                "| `PACKHORSE_PICTURE_WIDTH` | 640 | a whole number from 16 to 4096 "
                    + "| The width of a thumbnail, in pixels. | worker |",
                "| `SHOP_FOLDER` | /srv/shop | a path | Where orders are put. | worker |",
            ])
        #expect(lines.contains { $0.contains("`shop config check`") })
    }

    @Test(arguments: [
        ("PACKHORSE_PICTURE_WITDH", " Do you mean PACKHORSE_PICTURE_WIDTH?"),
        ("SHOP_FOLDR", " Do you mean SHOP_FOLDER?"), ("PACKHORSE_SOMETHING_ELSE_ALTOGETHER", ""),
    ]) func aSlipIsHintedAt(name: String, hint: String) {
        let report = Settings(environment: [name: "1"], table).report()
        #expect(report.warnings == ["\(name) is set, but nothing reads it.\(hint)"])
    }

    @Test func whatIsNeitherOursNorNearIsNobodysBusiness() {
        let report = Settings(environment: ["SHOP_COLOUR": "red", "HOME": "/", "PATH": "/bin"], table).report()
        #expect(report.warnings.isEmpty)
    }

    @Test(arguments: ["PACKHORSE_CONCURRENCY", "REDIS_URL_FILE", "SHOP_FOLDER"])
    func aNameThatIsThereAlreadyIsRefused(name: String) {
        #expect(throws: SettingsTableError.repeated(name: name)) {
            try table.adding([Setting<String>.named(name)])
        }
    }

    @Test(arguments: ["", "shop", "SHOP-FOLDER", "SHOP__FOLDER", "_SHOP", "SHOP_", "7SHOPS"])
    func aNameThatNoVariableHasIsRefused(name: String) {
        #expect(throws: SettingsTableError.malformed(name: name)) {
            try table.adding([Setting<String>.named(name)])
        }
    }

    /// It would be read, and no check would show it.
    @Test func aRowThatIsNotListedIsNotRead() {
        #expect(throws: SettingsError.unlisted(name: "PACKHORSE_PICTURE_WIDTH")) {
            try Settings(environment: [:])[.pictureWidth]
        }
    }
}
