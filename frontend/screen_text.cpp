#include "frontend/screen_text.hpp"

#include "devices/video/code_page_437.hpp"

namespace retrace {

namespace {

std::string row_text(const TextScreen& screen, unsigned row) {
    std::string line;
    for (unsigned column = 0; column < screen.columns; ++column) line += utf8(screen.at(column, row).character);
    return line;
}

}  // namespace

bool stands_on(const TextScreen& screen, const std::string& text) {
    if (utf8(screen).find(text) != std::string::npos) return true;
    std::string running;
    for (unsigned row = 0; row < screen.rows; ++row) running += row_text(screen, row);
    return running.find(text) != std::string::npos;
}

}  // namespace retrace
