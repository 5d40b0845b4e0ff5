import CWebAssets

/// A file of the page, as it lies in the program.
struct Asset {
    let contentType: StaticString
    let bytes: UnsafeRawBufferPointer
    let tag: EntityTag

    private init(_ contentType: StaticString, _ start: UnsafePointer<UInt8>, _ count: Int) {
        self.contentType = contentType
        bytes = UnsafeRawBufferPointer(start: start, count: count)
        // FNV-1a, once for each file.
        tag = EntityTag(bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 })
    }

    nonisolated(unsafe) static let home =
        Asset("text/html; charset=utf-8", tradeloop_web_index_html, tradeloop_web_index_html_bytes)
    nonisolated(unsafe) static let style =
        Asset("text/css; charset=utf-8", tradeloop_web_style_css, tradeloop_web_style_css_bytes)
    nonisolated(unsafe) static let script =
        Asset("text/javascript; charset=utf-8", tradeloop_web_app_js, tradeloop_web_app_js_bytes)
    nonisolated(unsafe) static let icon =
        Asset("image/svg+xml", tradeloop_web_favicon_svg, tradeloop_web_favicon_svg_bytes)

    /// What keeps the page to itself: it needs nothing from elsewhere and may not be framed.
    static let securityFields: StaticString = """
        Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
        connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
        X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-cache\r\n
        """
}
