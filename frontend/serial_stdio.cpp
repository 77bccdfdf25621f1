#include "frontend/serial_stdio.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/ensure.hpp"

namespace retrace {

ByteSink::ByteSink(const SerialOption& option) {
    if (option.kind == SerialOption::Kind::Stdio) file_ = stdout;
    if (option.kind == SerialOption::Kind::File) {
        file_ = std::fopen(option.path.c_str(), "wb");
        if (!file_) throw HostError("Cannot write to " + option.path + ": " + std::strerror(errno) + ".");
        owned_ = true;
    }
}

ByteSink::~ByteSink() {
    flush();
    if (owned_) std::fclose(file_);
}

void ByteSink::transmit(u8 byte) {
    if (!file_) return;
    gathered_ += static_cast<char>(byte);
    if (byte == '\n' || gathered_.size() > 4096) flush();
}

void ByteSink::flush() {
    if (!file_ || gathered_.empty()) return;
    std::fwrite(gathered_.data(), 1, gathered_.size(), file_);
    std::fflush(file_);
    gathered_.clear();
}

void SerialTap::transmit(u8 byte) {
    constexpr std::size_t most = 4u << 20;
    said_ += static_cast<char>(byte);
    if (said_.size() > most) said_.erase(0, most / 2);
    next_.transmit(byte);
}

struct SerialInput::Saved {
    termios settings;
};

SerialInput::SerialInput() {
    termios settings;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &settings) != 0) return;
    saved_ = std::make_unique<Saved>(Saved{settings});
    settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    settings.c_iflag &= ~static_cast<tcflag_t>(ICRNL);
    tcsetattr(STDIN_FILENO, TCSANOW, &settings);
}

SerialInput::~SerialInput() {
    if (saved_) tcsetattr(STDIN_FILENO, TCSANOW, &saved_->settings);
}

void SerialInput::poll(Machine& machine) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (ended_ || ::poll(&input, 1, 0) <= 0 || !(input.revents & (POLLIN | POLLHUP))) return;
    u8 bytes[64];
    const auto got = read(STDIN_FILENO, bytes, sizeof bytes);
    if (got <= 0) ended_ = true;
    else machine.serial(0, {bytes, static_cast<std::size_t>(got)});
}

}  // namespace retrace
