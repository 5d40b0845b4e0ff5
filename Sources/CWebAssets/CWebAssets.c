#include "CWebAssets.h"

// #embed (C23) puts a file into the program's read-only data: no copy at start-up, and, unlike an array
// literal in Swift, nothing for the compiler to type-check.
#pragma clang diagnostic ignored "-Wc23-extensions"

#define EMBED(name)                                                                                     \
    const unsigned char *const tradeloop_web_##name = name;                                            \
    const size_t tradeloop_web_##name##_bytes = sizeof name;

static const unsigned char index_html[] = {
#embed "../../Web/index.html"
};
static const unsigned char style_css[] = {
#embed "../../Web/style.css"
};
static const unsigned char app_js[] = {
#embed "../../Web/app.js"
};
static const unsigned char favicon_svg[] = {
#embed "../../Web/favicon.svg"
};

EMBED(index_html)
EMBED(style_css)
EMBED(app_js)
EMBED(favicon_svg)
