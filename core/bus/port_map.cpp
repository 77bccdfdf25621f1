#include "core/bus/port_map.hpp"

#include <cstdio>

#include "core/base/ensure.hpp"

namespace retrace {

PortMap::PortMap(Log::Channel log) : log_{std::move(log)} {
    reads_[0].handlers[0] = {read_nobodys<1>, this};
    reads_[1].handlers[0] = {read_nobodys<2>, this};
    reads_[2].handlers[0] = {read_nobodys<4>, this};
    writes_[0].handlers[0] = {write_nobodys<1>, this};
    writes_[1].handlers[0] = {write_nobodys<2>, this};
    writes_[2].handlers[0] = {write_nobodys<4>, this};
}

template <class F>
void PortMap::Side<F>::claim(u16 first, u16 last, F handler, const char* what) {
    ENSURE(first <= last, "a port range ascends");
    handlers.push_back(handler);
    for (u32 port = first; port <= last; ++port) {
        ENSURE(slot[port] == 0, std::string("two parts claim to ") + what + " port " + std::to_string(port));
        slot[port] = static_cast<u16>(handlers.size() - 1);
    }
}

// A guest may poll such a port for long.
void PortMap::say_once(std::vector<bool>& said, const char* what, u16 port) {
    if (said[port]) return;
    said[port] = true;
    char text[40];
    std::snprintf(text, sizeof text, "%s unclaimed port %04Xh", what, port);
    log_.unusual(text);
}

template <unsigned width>
u32 PortMap::read_nobodys(void* map, u16 port) {
    auto& self = *static_cast<PortMap*>(map);
    if (self.decoder_)
        if (const auto value = self.decoder_->port_read(port, width)) return *value;
    if constexpr (width == 1) {
        self.say_once(self.said_read_, "read of", port);
        return 0xff;
    } else {
        constexpr unsigned half = width / 2;
        const u32 low = self.read(port, half), high = self.read(static_cast<u16>(port + half), half);
        return low | high << (8 * half);
    }
}

template <unsigned width>
void PortMap::write_nobodys(void* map, u16 port, u32 value) {
    auto& self = *static_cast<PortMap*>(map);
    if (self.decoder_ && self.decoder_->port_write(port, width, value)) return;
    if constexpr (width == 1) {
        self.say_once(self.said_write_, "write to", port);
    } else {
        constexpr unsigned half = width / 2;
        self.write(port, half, half == 1 ? value & 0xff : value & 0xffff);
        self.write(static_cast<u16>(port + half), half, value >> (8 * half));
    }
}

void PortMap::add_listener(u16 port, Writer listener) {
    for (auto& side : writes_) {
        u16& slot = side.slot[port];
        if (slot == 0 && &side != &writes_[0]) continue;
        heard_.push_back(std::make_unique<Heard>(Heard{listener, slot ? side.handlers[slot] : Writer{}}));
        side.handlers.push_back({[](void* at, u16 where, u32 value) {
            const Heard& both = *static_cast<const Heard*>(at);
            both.listener.call(both.listener.chip, where, value);
            if (both.answers.call) both.answers.call(both.answers.chip, where, value);
        }, heard_.back().get()});
        slot = static_cast<u16>(side.handlers.size() - 1);
    }
}

std::optional<u32> PortMap::peek(u16 port) const {
    if (peeks_.slot[port] == 0) return decoder_ ? decoder_->port_peek(port) : std::nullopt;
    const Reader& answers = peeks_.at(port);
    return answers.call(answers.chip, port);
}

template struct PortMap::Side<PortMap::Reader>;
template struct PortMap::Side<PortMap::Writer>;

}  // namespace retrace
