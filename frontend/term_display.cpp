// The terminal: text modes as Unicode with colours, graphics modes as half blocks, keys back. Ctrl-] begins the commands that the host key
// begins in the window: Ctrl-] then q, p, r, s, 1 or 2; Ctrl-] twice sends it to the guest.
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "core/base/ensure.hpp"
#include "devices/video/code_page_437.hpp"
#include "frontend/display.hpp"

namespace retrace {

namespace {

// What terminals send for keys that have no character (ECMA-48, xterm's control sequences), and the chord it stands for.
struct Sequence {
    std::string_view bytes, chord;
};
constexpr Sequence sequences[] = {
    {"\x1b[A", "up"}, {"\x1b[B", "down"}, {"\x1b[C", "right"}, {"\x1b[D", "left"}, {"\x1bOA", "up"}, {"\x1bOB", "down"}, {"\x1bOC", "right"}, {"\x1bOD", "left"},
    {"\x1b[H", "home"}, {"\x1b[F", "end"}, {"\x1bOH", "home"}, {"\x1bOF", "end"}, {"\x1b[1~", "home"}, {"\x1b[4~", "end"}, {"\x1b[2~", "insert"}, {"\x1b[3~", "delete"},
    {"\x1b[5~", "pageup"}, {"\x1b[6~", "pagedown"}, {"\x1bOP", "f1"}, {"\x1bOQ", "f2"}, {"\x1bOR", "f3"}, {"\x1bOS", "f4"}, {"\x1b[11~", "f1"}, {"\x1b[12~", "f2"},
    {"\x1b[13~", "f3"}, {"\x1b[14~", "f4"}, {"\x1b[15~", "f5"}, {"\x1b[17~", "f6"}, {"\x1b[18~", "f7"}, {"\x1b[19~", "f8"}, {"\x1b[20~", "f9"}, {"\x1b[21~", "f10"},
    {"\x1b[23~", "f11"}, {"\x1b[24~", "f12"}, {"\x1b[Z", "shift-tab"},
};
constexpr char host_character = 0x1d;  // Ctrl-]

class TermDisplay final : public Display {
public:
    TermDisplay() {
        if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &saved_) != 0)
            throw HostError("--display term needs a terminal on standard input and output; try --display none.");
        termios raw = saved_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
        raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL | INLCR | IXON);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        write_out("\x1b[?1049h\x1b[2J\x1b[?25l");
    }

    ~TermDisplay() override {
        write_out("\x1b[0m\x1b[?25h\x1b[?1049l");
        tcsetattr(STDIN_FILENO, TCSANOW, &saved_);
    }

    void show(const Machine& machine, const RunState& state) override {
        if (++frames_ % 2 != 0) return;  // thirty a second are enough here
        std::string picture;
        const auto [columns, rows] = size();
        if (const auto screen = machine.text_screen()) draw_text(*screen, columns, rows, picture);
        else draw_graphics(machine.picture(), columns, rows, picture);
        std::string status = " Retrace - " + state.guest + (state.paused ? " - paused" : "") + " - Ctrl-] q quits, p pauses, r resets, s screenshot" + (state.note.empty() ? "" : " - " + state.note);
        if (status.size() > columns) status.resize(columns);
        if (used_rows_ < rows) picture += "\x1b[" + std::to_string(rows) + ";1H\x1b[0;7m" + status + "\x1b[0m";
        picture += cursor_;
        if (picture == shown_) return;
        write_out(shown_size_ == std::pair{columns, rows} && shown_rows_ == used_rows_ ? picture : "\x1b[0m\x1b[2J" + picture);
        shown_ = std::move(picture);
        shown_size_ = {columns, rows};
        shown_rows_ = used_rows_;
    }

    std::vector<Wish> poll(Machine&) override {
        std::vector<Wish> wishes;
        char bytes[256];
        pollfd input{STDIN_FILENO, POLLIN, 0};
        while (::poll(&input, 1, 0) > 0) {
            const auto got = read(STDIN_FILENO, bytes, sizeof bytes);
            if (got <= 0) {
                wishes.push_back({Wish::Kind::Quit, "", 0});  // the terminal is gone
                break;
            }
            keys(std::string_view(bytes, static_cast<std::size_t>(got)), wishes);
        }
        return wishes;
    }

private:
    static void write_out(std::string_view text) {
        while (!text.empty()) {
            const auto wrote = write(STDOUT_FILENO, text.data(), text.size());
            if (wrote <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(wrote));
        }
    }

    static std::pair<unsigned, unsigned> size() {
        winsize window{};
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) return {80, 25};
        return {window.ws_col, window.ws_row};
    }

    void draw_text(const TextScreen& screen, unsigned columns, unsigned rows, std::string& out) {
        // The 16 colours of CGA in the order of ECMA-48's.
        static constexpr unsigned ansi[] = {0, 4, 2, 6, 1, 5, 3, 7};
        used_rows_ = std::min(rows, screen.rows);
        for (unsigned row = 0; row < used_rows_; ++row) {
            out += "\x1b[" + std::to_string(row + 1) + ";1H";
            int last = -1;
            for (unsigned column = 0; column < std::min(columns, screen.columns); ++column) {
                const auto& cell = screen.at(column, row);
                if (cell.attribute != last) {
                    const unsigned front = cell.attribute & 15, back = cell.attribute >> 4 & 7;
                    out += "\x1b[0;" + std::to_string((front & 8 ? 90 : 30) + ansi[front & 7]) + ";" + std::to_string(40 + ansi[back]) + "m";
                    last = cell.attribute;
                }
                out += utf8(cell.character);
            }
            out += "\x1b[0m\x1b[K";
        }
        cursor_ = screen.cursor ? "\x1b[" + std::to_string(screen.cursor->row + 1) + ";" + std::to_string(screen.cursor->column + 1) + "H\x1b[?25h" : "\x1b[?25l";
    }

    // Two pixels a character cell, one above the other.
    void draw_graphics(const Frame& frame, unsigned columns, unsigned rows, std::string& out) {
        cursor_ = "\x1b[?25l";
        used_rows_ = rows > 1 ? rows - 1 : rows;
        if (frame.width == 0 || frame.height == 0) return;
        const unsigned height = used_rows_ * 2, width = std::min(columns, height * 4 / 3);
        const auto pixel = [&](unsigned x, unsigned y) { return frame.at(x * frame.width / width, y * frame.height / height); };
        const auto colour = [](u32 rgb) { return std::to_string(rgb >> 16 & 255) + ";" + std::to_string(rgb >> 8 & 255) + ";" + std::to_string(rgb & 255) + "m"; };
        for (unsigned row = 0; row < used_rows_; ++row) {
            out += "\x1b[" + std::to_string(row + 1) + ";1H";
            u32 last_top = ~0u, last_bottom = ~0u;
            for (unsigned x = 0; x < width; ++x) {
                const u32 top = pixel(x, row * 2), bottom = pixel(x, row * 2 + 1);
                if (top != last_top) out += "\x1b[38;2;" + colour(top);
                if (bottom != last_bottom) out += "\x1b[48;2;" + colour(bottom);
                last_top = top;
                last_bottom = bottom;
                out += "\u2580";
            }
            out += "\x1b[0m\x1b[K";
        }
    }

    void keys(std::string_view bytes, std::vector<Wish>& wishes) {
        while (!bytes.empty()) {
            if (host_down_) {
                host_down_ = false;
                command(bytes[0], wishes);
                bytes.remove_prefix(1);
                continue;
            }
            if (bytes[0] == host_character) {
                host_down_ = true;
                bytes.remove_prefix(1);
                continue;
            }
            const auto sequence = std::ranges::find_if(sequences, [&](const Sequence& each) { return bytes.starts_with(each.bytes); });
            if (sequence != std::end(sequences)) {
                wishes.push_back({Wish::Kind::Press, std::string(sequence->chord), 0});
                bytes.remove_prefix(sequence->bytes.size());
                continue;
            }
            // Alt and a character come as Escape and the character, together.
            if (bytes[0] == '\x1b' && bytes.size() > 1 && std::isalnum(static_cast<unsigned char>(bytes[1]))) {
                wishes.push_back({Wish::Kind::Press, std::string("alt-") + bytes[1], 0});
                bytes.remove_prefix(2);
                continue;
            }
            const char c = bytes[0] == 0x7f ? '\b' : bytes[0];
            wishes.push_back({Wish::Kind::Paste, std::string(1, c), 0});
            bytes.remove_prefix(1);
        }
    }

    void command(char character, std::vector<Wish>& wishes) {
        switch (character) {
            case 'q': wishes.push_back({Wish::Kind::Quit, "", 0}); break;
            case 'p': wishes.push_back({Wish::Kind::TogglePause, "", 0}); break;
            case 'r': wishes.push_back({Wish::Kind::Reset, "", 0}); break;
            case 's': wishes.push_back({Wish::Kind::Screenshot, "", 0}); break;
            case '1': wishes.push_back({Wish::Kind::Swap, "", 0}); break;
            case '2': wishes.push_back({Wish::Kind::Swap, "", 1}); break;
            case host_character: wishes.push_back({Wish::Kind::Press, "ctrl-]", 0}); break;
            default: break;
        }
    }

    termios saved_{};
    std::string shown_, cursor_;
    std::pair<unsigned, unsigned> shown_size_{};
    unsigned used_rows_ = 0, shown_rows_ = 0, frames_ = 0;
    bool host_down_ = false;
};

}  // namespace

std::unique_ptr<Display> make_term_display() { return std::make_unique<TermDisplay>(); }

}  // namespace retrace
