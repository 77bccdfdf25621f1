#include "devices/debug/firmware_config.hpp"

namespace retrace {

namespace {

constexpr u16 signature = 0x00, features = 0x01, ram_size = 0x03, processors = 0x05, most_processors = 0x0f;
constexpr u32 item_bytes = 8;

}  // namespace

void FirmwareConfig::attach(PortMap& ports) {
    ports.on_write(0x510, this, &FirmwareConfig::select);
    ports.on_read(0x511, this, &FirmwareConfig::data);
    ports.on_peek(0x511, 0x511, this, &FirmwareConfig::peek_data);
}

void FirmwareConfig::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

u8 FirmwareConfig::data() {
    const u8 byte = byte_at(state_.at);
    if (state_.at < item_bytes) ++state_.at;
    return byte;
}

u8 FirmwareConfig::byte_at(u32 at) const {
    u64 value = 0;
    switch (state_.item) {
        case signature: value = 0x554d'4551; break;
        case features: value = 1; break;
        case ram_size: value = memory_size_; break;
        case processors:
        case most_processors: value = 1; break;
        default: break;
    }
    return at < item_bytes ? static_cast<u8>(value >> (8 * at)) : u8{0};
}

}  // namespace retrace
