#ifndef TRADELOOP_WEB_ASSETS_H
#define TRADELOOP_WEB_ASSETS_H

#include <stddef.h>

// A file of Web/, as it was when the program was built: one file is the whole program.
struct tradeloop_web_file {
    // Where it is served.
    const char *path;
    const char *content_type;
    const unsigned char *bytes;
    size_t count;
};

extern const size_t tradeloop_web_files_count;
const struct tradeloop_web_file *tradeloop_web_file_at(size_t index);

#endif
