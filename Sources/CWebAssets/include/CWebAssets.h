#ifndef TRADELOOP_CWEBASSETS_H
#define TRADELOOP_CWEBASSETS_H

#include <stddef.h>

// The files of Web/, as they were when the program was built: one file is the whole program.

extern const unsigned char *const tradeloop_web_index_html;
extern const size_t tradeloop_web_index_html_bytes;
extern const unsigned char *const tradeloop_web_style_css;
extern const size_t tradeloop_web_style_css_bytes;
extern const unsigned char *const tradeloop_web_app_js;
extern const size_t tradeloop_web_app_js_bytes;
extern const unsigned char *const tradeloop_web_favicon_svg;
extern const size_t tradeloop_web_favicon_svg_bytes;

#endif
