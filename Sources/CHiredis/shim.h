#ifndef TRADELOOP_CHIREDIS_SHIM_H
#define TRADELOOP_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>

#endif
