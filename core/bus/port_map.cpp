#include "core/bus/port_map.hpp"

#include <cstdio>

#include "core/base/ensure.hpp"

namespace retrace {

namespace {

std::string port_name(const char* what, u16 port) {
    char text[40];
    std::snprintf(text, sizeof text, "%s unclaimed port %04Xh", what, port);
    return text;
}

}  // namespace

PortMap::PortMap(Log::Channel log) : log_{std::move(log)} {}

template <class F>
void PortMap::Side<F>::claim(u16 first, u16 last, F handler, const char* what) {
    ENSURE(first <= last, "a port range ascends");
    handlers.push_back(std::move(handler));
    for (u32 port = first; port <= last; ++port) {
        ENSURE(slot[port] == 0, std::string("two parts claim to ") + what + " port " + std::to_string(port));
        slot[port] = static_cast<u16>(handlers.size() - 1);
    }
}

u32 PortMap::read(u16 port, unsigned width) {
    const auto& side = reads_[width / 2];
    if (const u16 slot = side.slot[port]) return side.handlers[slot](port);
    if (decoder_)
        if (const auto value = decoder_->port_read(port, width)) return *value;
    if (width == 1) {
        log_.unusual(port_name("read of", port));
        return 0xff;
    }
    const unsigned half = width / 2;
    const u32 low = read(port, half), high = read(static_cast<u16>(port + half), half);
    return low | high << (8 * half);
}

void PortMap::write(u16 port, unsigned width, u32 value) {
    const auto& side = writes_[width / 2];
    if (const u16 slot = side.slot[port]) return side.handlers[slot](port, value);
    if (decoder_ && decoder_->port_write(port, width, value)) return;
    if (width == 1) return log_.unusual(port_name("write to", port));
    const unsigned half = width / 2;
    write(port, half, half == 1 ? value & 0xff : value & 0xffff);
    write(static_cast<u16>(port + half), half, value >> (8 * half));
}

void PortMap::add_listener(u16 port, std::function<void(u8)> heard) {
    for (auto& side : writes_) {
        u16& slot = side.slot[port];
        if (slot == 0 && &side != &writes_[0]) continue;
        side.handlers.push_back([heard, answers = slot ? side.handlers[slot] : Writer{}](u16 at, u32 value) {
            heard(static_cast<u8>(value));
            if (answers) answers(at, value);
        });
        slot = static_cast<u16>(side.handlers.size() - 1);
    }
}

std::optional<u32> PortMap::peek(u16 port) const {
    const u16 slot = peeks_.slot[port];
    if (slot) return peeks_.handlers[slot](port);
    return decoder_ ? decoder_->port_peek(port) : std::nullopt;
}

template struct PortMap::Side<PortMap::Reader>;
template struct PortMap::Side<PortMap::Writer>;

}  // namespace retrace
