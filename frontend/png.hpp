// Screenshots as PNG files.
#pragma once

#include <string>

#include "devices/host/display.hpp"

namespace retrace {

// Throws HostError if the file cannot be written; then there is none.
void write_png(const std::string& path, const Frame& frame);

}  // namespace retrace
