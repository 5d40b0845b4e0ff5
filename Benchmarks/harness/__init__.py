"""The parts of TradeLoop's benchmark: see ../README.md."""
