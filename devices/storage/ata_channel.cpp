#include "devices/storage/ata_channel.hpp"

namespace retrace {

namespace {

constexpr u8 high_order_byte = 0x80, software_reset = 0x04, no_interrupts = 0x02;  // device control
constexpr u8 execute_device_diagnostic = 0x90;

}  // namespace

AtaChannel::AtaChannel(Line irq, Ports ports, AtaDrive* drive_0, AtaDrive* drive_1)
    : irq_{std::move(irq)}, ports_{ports}, drives_{drive_0, drive_1} {
    for (auto* drive : drives_)
        if (drive)
            drive->connect(Line{[this](bool) { update_irq(); }}, Line{[this](bool high) {
                               if (high && master_) master_->dma_request_rose();
                           }});
}

void AtaChannel::attach(PortMap& ports) {
    const u16 base = ports_.command_block, first = static_cast<u16>(base + 1), last = static_cast<u16>(base + 7);
    ports.on_read<&AtaChannel::read_data8>(base, this);
    ports.on_read<&AtaChannel::read_data16>(base, this);
    ports.on_read<&AtaChannel::read_data32>(base, this);
    ports.on_write<&AtaChannel::write_data8>(base, this);
    ports.on_write<&AtaChannel::write_data16>(base, this);
    ports.on_write<&AtaChannel::write_data32>(base, this);
    ports.on_read<&AtaChannel::read_register>(first, last, this);
    ports.on_peek<&AtaChannel::peek_register>(first, last, this);
    ports.on_write<&AtaChannel::write_register>(first, last, this);
    ports.on_read<&AtaChannel::read_alternate_status>(ports_.control, this);
    ports.on_peek<&AtaChannel::peek_alternate_status>(ports_.control, ports_.control, this);
    ports.on_write<&AtaChannel::write_control>(ports_.control, this);
}

void AtaChannel::reset(Reset) {
    state_ = {};
    for (auto* drive : drives_)
        if (drive) drive->hardware_reset();
    update_irq();
}

void AtaChannel::visit(StateVisitor& visitor) {
    visit_fields(visitor, state_);
    for (unsigned i = 0; i < drives_.size(); ++i) {
        if (!drives_[i]) continue;
        visitor.enter("drive" + std::to_string(i));
        drives_[i]->visit(visitor);
        visitor.leave();
    }
}

void AtaChannel::restored() { update_irq(); }

void AtaChannel::update_irq() const {
    const auto* drive = selected();
    irq_.set(drive && drive->interrupt() && (state_.control & no_interrupts) == 0);
}

// ---- data

u16 AtaChannel::read_data16() { return selected() ? selected()->read_data() : u16{0}; }
u8 AtaChannel::read_data8() { return static_cast<u8>(read_data16()); }
u32 AtaChannel::read_data32() {
    const u32 low = read_data16();
    return low | u32{read_data16()} << 16;
}

void AtaChannel::write_data16(u16 value) { if (selected()) selected()->write_data(value); }
void AtaChannel::write_data8(u8 value) { write_data16(value); }
void AtaChannel::write_data32(u32 value) {
    write_data16(static_cast<u16>(value));
    write_data16(static_cast<u16>(value >> 16));
}

// ---- registers

u8 AtaChannel::peek_register(u16 port) const {
    const unsigned which = port - ports_.command_block;
    // Device 0 answers for an absent device 1, save for the status.
    const AtaDrive* drive = selected();
    if (which == 7) return drive ? drive->status() : u8{0};
    if (!drive) drive = drives_[0];
    if (!drive) return 0;
    const auto& registers = drive->registers();
    const bool old = (state_.control & high_order_byte) != 0;
    switch (which) {
        case 1: return drive->error();
        case 2: return old ? registers.old_count : registers.count;
        case 3: return old ? registers.old_low : registers.low;
        case 4: return old ? registers.old_mid : registers.mid;
        case 5: return old ? registers.old_high : registers.high;
        default: return static_cast<u8>((state_.device & 0xf0) | (registers.device & 0x0f));
    }
}

u8 AtaChannel::read_register(u16 port) {
    const u8 value = peek_register(port);
    if (port - ports_.command_block == 7 && selected()) selected()->acknowledge();
    return value;
}

void AtaChannel::write_register(u16 port, u8 value) {
    const unsigned which = port - ports_.command_block;
    state_.control &= static_cast<u8>(~high_order_byte);
    if (which == 7) return command(value);
    if (which == 6) state_.device = value | 0xa0;  // bits 7 and 5 read as ones
    for (auto* drive : drives_)
        if (drive) drive->write(which, value);
    update_irq();  // the other drive may be the one that answers now
}

void AtaChannel::command(u8 code) {
    if (code == execute_device_diagnostic) {
        const bool alone = !drives_[0];
        state_.device = 0;
        if (drives_[1]) drives_[1]->diagnose(alone);
        if (drives_[0]) drives_[0]->diagnose(true);
    } else if (selected()) {
        selected()->command(code);
    }
    update_irq();
}

u8 AtaChannel::read_alternate_status() { return peek_alternate_status(ports_.control); }
u8 AtaChannel::peek_alternate_status(u16) const { return selected() ? selected()->status() : u8{0}; }

void AtaChannel::write_control(u8 value) {
    const bool was = (state_.control & software_reset) != 0, is = (value & software_reset) != 0;
    state_.control = value & (high_order_byte | software_reset | no_interrupts);
    if (was != is) {
        state_.device = 0;
        for (auto* drive : drives_)
            if (drive) drive->software_reset(is);
    }
    update_irq();
}

}  // namespace retrace
