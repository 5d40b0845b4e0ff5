#include "CWebAssets.h"

// #embed (C23) puts a file into the program's read-only data: no copy at start-up, and, unlike an array
// literal in Swift, nothing for the compiler to type-check.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "../../Web/index.html"
};
static const unsigned char docs_html[] = {
#embed "../../Web/docs.html"
};
static const unsigned char style_css[] = {
#embed "../../Web/style.css"
};
static const unsigned char app_js[] = {
#embed "../../Web/app.js"
};
static const unsigned char page_js[] = {
#embed "../../Web/page.js"
};
static const unsigned char book_js[] = {
#embed "../../Web/book.js"
};
static const unsigned char link_js[] = {
#embed "../../Web/link.js"
};
static const unsigned char blotter_js[] = {
#embed "../../Web/blotter.js"
};
static const unsigned char charts_js[] = {
#embed "../../Web/charts.js"
};
static const unsigned char ticket_js[] = {
#embed "../../Web/ticket.js"
};
static const unsigned char desk_js[] = {
#embed "../../Web/desk.js"
};
static const unsigned char docs_js[] = {
#embed "../../Web/docs.js"
};
static const unsigned char openapi_json[] = {
#embed "../../Web/openapi.json"
};
static const unsigned char favicon_svg[] = {
#embed "../../Web/favicon.svg"
};

#define HTML "text/html; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"
#define FILE(path, type, name) {path, type, name, sizeof name}

static const struct tradeloop_web_file files[] = {
    FILE("/", HTML, index_html),
    FILE("/docs", HTML, docs_html),
    FILE("/style.css", "text/css; charset=utf-8", style_css),
    FILE("/app.js", SCRIPT, app_js),
    FILE("/page.js", SCRIPT, page_js),
    FILE("/book.js", SCRIPT, book_js),
    FILE("/link.js", SCRIPT, link_js),
    FILE("/blotter.js", SCRIPT, blotter_js),
    FILE("/charts.js", SCRIPT, charts_js),
    FILE("/ticket.js", SCRIPT, ticket_js),
    FILE("/desk.js", SCRIPT, desk_js),
    FILE("/docs.js", SCRIPT, docs_js),
    FILE("/openapi.json", "application/json", openapi_json),
    FILE("/favicon.svg", "image/svg+xml", favicon_svg),
    FILE("/favicon.ico", "image/svg+xml", favicon_svg),
};

const size_t tradeloop_web_files_count = sizeof files / sizeof *files;

const struct tradeloop_web_file *tradeloop_web_file_at(size_t index) { return &files[index]; }
