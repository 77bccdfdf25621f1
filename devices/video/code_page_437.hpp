// Code page 437: what the characters of the adapter's own font are in Unicode.
#pragma once

#include <string>
#include <vector>

#include "devices/host/display.hpp"

namespace retrace {

// What looks blank (00h, FFh) is a space, so that what is seen can be searched for.
char32_t code_page_437(u8 character);
std::string utf8(u8 character);
// The rows of a screen, without blanks at their ends.
std::vector<std::string> utf8_rows(const TextScreen& screen);
// The same as lines, each with its '\n'.
std::string utf8(const TextScreen& screen);

}  // namespace retrace
