// Looking for text on the text screen.
#pragma once

#include <string>

#include "devices/host/display.hpp"

namespace retrace {

// True if `text` stands on the screen: within a line, over lines joined by newlines, or running on from one row's end to the next row.
bool stands_on(const TextScreen& screen, const std::string& text);

}  // namespace retrace
