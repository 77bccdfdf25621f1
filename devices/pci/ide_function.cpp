#include "devices/pci/ide_function.hpp"

#include <algorithm>

#include "core/base/ensure.hpp"

namespace retrace {

namespace {

constexpr u8 start = 0x01, to_memory = 0x08;                       // command
constexpr u8 active = 0x01, error = 0x02, interrupt = 0x04, drives_can_dma = 0x60;  // status
constexpr std::size_t chunk = 4096;

}  // namespace

IdeFunction::IdeFunction(BusMemory& memory, std::array<BlockDmaDevice*, 2> channels, Log::Channel log)
    : PciFunction{{0x8086, 0x7010, 0x00, 0x010180}}, memory_{memory}, channels_{channels}, log_{std::move(log)} {
    define(pci::command, 2, 0x0000, pci::io_enable | pci::master_enable);
    define(pci::status, 2, 0x0280, 0, 0x3800);
    define(pci::latency, 1, 0x00, 0xf0);
    // Bits 31-16 of a PIIX3 stay zero, which firmware written for QEMU (SeaBIOS) takes for a range of ports as large as all of them.
    define(pci::bar4, 4, 0x00000001, 0xfffffff0);
    define(0x40, 4, 0x00000000, 0xffffffff);
    define(0x44, 1, 0x00, 0xff);
    end_of_definition();
    for (unsigned i = 0; i < masters_.size(); ++i) {
        masters_[i].owner = this;
        masters_[i].number = i;
    }
}

Line IdeFunction::intrq(unsigned channel) {
    ENSURE(channel < engines_.size(), "there are two channels");
    return Line{[this, channel](bool high) {
        auto& engine = engines_[channel];
        if (high && !engine.intrq) engine.status |= interrupt;
        engine.intrq = high;
    }};
}

void IdeFunction::reset(Reset kind) {
    PciFunction::reset(kind);
    for (auto& engine : engines_) engine = {.intrq = engine.intrq};
}

void IdeFunction::visit(StateVisitor& visitor) {
    PciFunction::visit(visitor);
    retrace::visit(visitor, "engines", engines_);
    if (!visitor.loading()) return;
    for (auto& engine : engines_) engine.left &= ~1u;  // whole words, whatever a file says
}

std::optional<PciFunction::Ports> IdeFunction::ports() const {
    const u32 base = config<u32>(pci::bar4) & 0xfffffff0;
    if (!(config<u16>(pci::command) & pci::io_enable) || base == 0 || base > 0xffff) return std::nullopt;
    return Ports{static_cast<u16>(base), 16};
}

void IdeFunction::config_written(u8 first, u8 last) {
    if (first <= pci::command && last >= pci::command)
        for (unsigned i = 0; i < engines_.size(); ++i) move(i);  // it may be allowed to be a master now
}

// ---- ports

u8 IdeFunction::read(u16 offset) const {
    const auto& engine = engines_[offset >> 3 & 1];
    switch (offset & 7) {
        case 0: return engine.command;
        case 2: return engine.status;
        case 4: case 5: case 6: case 7: return static_cast<u8>(engine.table >> (8 * (offset & 3)));
        default: return 0;
    }
}

u32 IdeFunction::port_read(u16 offset, unsigned width) {
    u32 value = 0;
    for (unsigned i = 0; i < width; ++i) value |= u32{read(static_cast<u16>(offset + i))} << (8 * i);
    return value;
}

std::optional<u8> IdeFunction::port_peek(u16 offset) const { return read(offset); }

void IdeFunction::port_write(u16 offset, unsigned width, u32 value) {
    for (unsigned i = 0; i < width; ++i) {
        const u16 at = static_cast<u16>(offset + i);
        const u8 byte = static_cast<u8>(value >> (8 * i));
        const unsigned channel = at >> 3 & 1u;
        auto& engine = engines_[channel];
        switch (at & 7) {
            case 0: write_command(channel, byte); break;
            case 2: engine.status = static_cast<u8>((engine.status & (active | ((error | interrupt) & ~byte))) | (byte & drives_can_dma)); break;
            case 4: case 5: case 6: case 7: write_table(channel, at & 3, byte); break;
            default: break;
        }
    }
}

void IdeFunction::write_table(unsigned channel, u16 byte, u8 value) {
    auto& table = engines_[channel].table;
    table = ((table & ~(0xffu << (8 * byte))) | u32{value} << (8 * byte)) & ~3u;
}

void IdeFunction::write_command(unsigned channel, u8 value) {
    auto& engine = engines_[channel];
    const bool was = (engine.command & start) != 0, is = (value & start) != 0;
    engine.command = value & (start | to_memory);
    if (was && !is) {
        engine.status &= static_cast<u8>(~active);
        engine.left = 0;
    }
    if (was || !is) return;
    engine.status |= active;
    engine.next_entry = engine.table;
    engine.left = 0;
    engine.last = false;
    move(channel);
}

// ---- moving

bool IdeFunction::take_entry(Engine& engine) {
    if (engine.last) {
        engine.status &= static_cast<u8>(~active);
        return false;
    }
    std::array<u8, 8> entry;
    memory_.read({engine.next_entry}, entry);
    engine.next_entry += 8;
    engine.address = load<u32>(&entry[0]) & ~1u;
    const u32 count = load<u16>(&entry[4]) & ~1u;
    engine.left = count == 0 ? 0x10000 : count;
    engine.last = bit(load<u16>(&entry[6]), 15);
    return true;
}

void IdeFunction::move(unsigned channel) {
    auto& engine = engines_[channel];
    auto* drive = channels_[channel];
    if (!drive) return;
    std::array<u8, chunk> data;
    while ((engine.status & active) && (config<u16>(pci::command) & pci::master_enable) && drive->dma_requested()) {
        const bool inward = (engine.command & to_memory) != 0;
        if (drive->dma_to_memory() != inward) return log_.unusual("a bus master and a drive that want to move data in opposite directions");
        if (engine.left == 0 && !take_entry(engine)) return;
        const std::size_t most = std::min<std::size_t>(engine.left, chunk);
        std::size_t moved = 0;
        if (inward) {
            moved = drive->dma_read(std::span{data}.first(most));
            memory_.write({engine.address}, std::span<const u8>{data}.first(moved));
        } else {
            memory_.read({engine.address}, std::span{data}.first(most));
            moved = drive->dma_write(std::span<const u8>{data}.first(most));
        }
        if (moved == 0) return;
        engine.address += static_cast<u32>(moved);
        engine.left -= static_cast<u32>(moved);
        if (engine.left == 0 && engine.last) engine.status &= static_cast<u8>(~active);
    }
}

}  // namespace retrace
