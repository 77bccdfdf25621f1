#include "devices/pci/host_bridge.hpp"

namespace retrace {

namespace {

constexpr u8 pam0 = 0x59, pam6 = 0x5f, smram = 0x72;
constexpr u8 smram_born = 0x02, smram_open = 0x40, smram_closed = 0x20, smram_locked = 0x10, smram_enabled = 0x08;

}  // namespace

HostBridge::HostBridge(ShadowControl& memory) : PciFunction{{0x8086, 0x1237, 0x02, 0x060000}}, memory_{memory} {
    define(pci::command, 2, 0x0006, 0x0100);
    define(pci::status, 2, 0x0280, 0, 0xf900);
    define(pci::latency, 1, 0x00, 0xf8);
    define(0x50, 2, 0x0000, 0xff7c);
    define(0x52, 2, 0x0000, 0xffff);
    define(0x54, 4, 0x00000000, 0xffffffff);
    define(0x58, 1, 0x00, 0xff);
    for (u8 at = pam0; at <= pam6; ++at) define(at, 1, 0x00, at == pam0 ? 0x30 : 0x33);
    define(0x60, 4, 0x01010101, 0xffffffff);
    define(0x64, 4, 0x01010101, 0xffffffff);
    define(0x68, 1, 0x00, 0xc0);
    define(0x70, 2, 0x0000, 0xffff);
    define(smram, 1, smram_born, 0x78);
    define(0x90, 1, 0x00, 0xff);
    define(0x91, 2, 0x0000, 0, 0xffff);
    define(0x93, 1, 0x00, 0x0b);
    end_of_definition();
    smram_ = smram_born;
    show_memory();
}

Line HostBridge::smiact() {
    return Line{[this](bool high) {
        smiact_ = high;
        show_system_management();
    }};
}

void HostBridge::reset(Reset kind) {
    PciFunction::reset(kind);
    smram_ = smram_born;
    show_memory();
    show_system_management();
}

void HostBridge::restored() {
    smram_ = config<u8>(smram);
    show_memory();
    show_system_management();
}

void HostBridge::config_written(u8 first, u8 last) {
    if (first <= pam6 && last >= pam0) show_memory();
    if (first > smram || last < smram) return;
    u8 now = config<u8>(smram);
    if (smram_ & smram_locked) now = static_cast<u8>((smram_ & ~smram_closed) | (now & smram_closed));
    else if (now & smram_locked) now = static_cast<u8>(now & ~smram_open);
    set_config<u8>(smram, now);
    smram_ = now;
    show_system_management();
}

void HostBridge::show_system_management() const {
    memory_.uncover_video((smram_ & smram_enabled) && (smiact_ || (smram_ & smram_open)));
}

void HostBridge::show_memory() const {
    const auto show = [&](u64 base, u64 size, unsigned nibble) { memory_.shadow({base}, size, bit(nibble, 0), bit(nibble, 1)); };
    show(0xf0000, 0x10000, config<u8>(pam0) >> 4u);
    for (u8 i = 1; i <= 6; ++i) {
        const u8 pam = config<u8>(static_cast<u8>(pam0 + i));
        const u64 base = 0xc0000 + (i - 1u) * 0x8000;
        show(base, 0x4000, pam & 15u);
        show(base + 0x4000, 0x4000, pam >> 4u);
    }
}

}  // namespace retrace
