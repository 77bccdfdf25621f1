#include "devices/video/code_page_437.hpp"

namespace retrace {

namespace {

constexpr char32_t low[] = U" ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
constexpr char32_t high[] =
    U"⌂ÇüéâäàåçêëèïîìÄÅ"
    U"ÉæÆôöòûùÿÖÜ¢£¥₧ƒ"
    U"áíóúñÑªº¿⌐¬½¼¡«»"
    U"░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
    U"└┴┬├─┼╞╟╚╔╩╦╠═╬╧"
    U"╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
    U"αßΓπΣσµτΦΘΩδ∞φε∩"
    U"≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ";
static_assert(std::size(low) == 32 + 1 && std::size(high) == 129 + 1);

}  // namespace

char32_t code_page_437(u8 character) {
    if (character < 32) return low[character];
    if (character >= 127) return high[character - 127];
    return character;
}

std::string utf8(u8 character) {
    const char32_t code = code_page_437(character);
    const auto byte = [](char32_t value) { return static_cast<char>(static_cast<u8>(value)); };
    if (code < 0x80) return {byte(code)};
    if (code < 0x800) return {byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f))};
    return {byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f))};
}

std::vector<std::string> utf8_rows(const TextScreen& screen) {
    std::vector<std::string> rows;
    for (unsigned row = 0; row < screen.rows; ++row) {
        std::string text;
        for (unsigned column = 0; column < screen.columns; ++column) text += utf8(screen.at(column, row).character);
        text.erase(text.find_last_not_of(' ') + 1);
        rows.push_back(std::move(text));
    }
    return rows;
}

std::string utf8(const TextScreen& screen) {
    std::string text;
    for (const auto& row : utf8_rows(screen)) text += row + '\n';
    return text;
}

}  // namespace retrace
