import Bytes
import CWebAssets

/// A file of the pages, as it lies in the program.
struct Asset {
    /// Where it is served.
    let path: UnsafeRawBufferPointer
    let contentType: UnsafeRawBufferPointer
    let bytes: UnsafeRawBufferPointer
    private let index: Int

    private init(at index: Int) {
        let file = tradeloop_web_file_at(index).pointee
        self.index = index
        path = Asset.text(file.path)
        contentType = Asset.text(file.content_type)
        bytes = UnsafeRawBufferPointer(start: file.bytes, count: file.count)
    }

    /// What names the file's content.
    var tag: EntityTag { Asset.tags[index] }

    /// The tags of all files: FNV-1a, computed when a page is asked for first, as it takes a tenth of the
    /// time in which a server starts.
    private static let tags = all.map { file in
        EntityTag(file.bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 })
    }

    private static func text(_ text: UnsafePointer<CChar>) -> UnsafeRawBufferPointer {
        var count = 0
        while text[count] != 0 { count += 1 }
        return UnsafeRawBufferPointer(start: text, count: count)
    }

    /// All files. They point into the program's own data, which never changes.
    nonisolated(unsafe) static let all = (0..<tradeloop_web_files_count).map(Asset.init(at:))

    /// The number of the file that is served at a path without percent signs; nil where there is none.
    static func index(at path: Span<UInt8>) -> Int? {
        path.withUnsafeBytes { path in all.firstIndex { $0.path.elementsEqual(path) } }
    }

    /// What keeps the page to itself: it needs nothing from elsewhere and may not be framed.
    static let securityFields: StaticString = """
        Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
        connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
        X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-cache\r\n
        """
}
