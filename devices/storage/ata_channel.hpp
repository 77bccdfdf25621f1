// AtaChannel: one ATA cable with up to two drives, and the PC's decoding of it. (ANSI X3.221 ATA, T13 1410D ATA/ATAPI-6.)
//
//   command block, at 1F0h or 170h:
//   +0  r/w    data, 16 bits wide (32: two words; 8: a word of which the low half counts)
//   +1  read   error               write  features
//   +2  r/w    sector count
//   +3  r/w    LBA 7-0, or sector
//   +4  r/w    LBA 15-8, or cylinder low
//   +5  r/w    LBA 23-16, or cylinder high
//   +6  r/w    device: LBA 6, drive 4, LBA 27-24 or head 3-0
//   +7  read   status (takes the interrupt back)          write  command
//   control block, at 3F6h or 376h:
//   +0  read   alternate status    write  device control: HOB 7, SRST 2, nIEN 1
//   pin INTRQ  IRQ 14 or 15
//   pin DMARQ  a bus master, which sees the selected drive through the BlockDmaDevice that the channel is
//
// Both drives hear every register write; the one that the device register names answers. An absent drive beside a present one reads as
// status 0, and so does an empty cable.
#pragma once

#include <array>

#include "core/bus/block_dma.hpp"
#include "core/bus/device.hpp"
#include "core/bus/line.hpp"
#include "core/bus/port_map.hpp"
#include "devices/storage/ata_drive.hpp"

namespace retrace {

class AtaChannel final : public Device, public BlockDmaDevice {
public:
    struct Ports {
        u16 command_block, control;
    };
    static constexpr Ports primary{0x1f0, 0x3f6}, secondary{0x170, 0x376};

    // Drives are null where none is connected; they must outlive the channel.
    AtaChannel(Line irq, Ports ports, AtaDrive* drive_0, AtaDrive* drive_1);

    void connect(BlockDmaMaster& master) { master_ = &master; }
    [[nodiscard]] bool dma_requested() const override { return selected() && selected()->dma_requested(); }
    [[nodiscard]] bool dma_to_memory() const override { return selected() && selected()->dma_to_memory(); }
    std::size_t dma_read(std::span<u8> to) override { return selected() ? selected()->dma_read(to) : 0; }
    std::size_t dma_write(std::span<const u8> from) override { return selected() ? selected()->dma_write(from) : 0; }

    void attach(PortMap& ports) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;

    struct State {
        u8 control = 0;
        u8 device = 0;  // as last written
    };

private:
    u8 read_data8();
    u16 read_data16();
    u32 read_data32();
    void write_data8(u8 value);
    void write_data16(u16 value);
    void write_data32(u32 value);
    u8 read_register(u16 port);
    [[nodiscard]] u8 peek_register(u16 port) const;
    void write_register(u16 port, u8 value);
    u8 read_alternate_status();
    [[nodiscard]] u8 peek_alternate_status(u16 port) const;
    void write_control(u8 value);
    void command(u8 code);

    [[nodiscard]] AtaDrive* selected() const { return drives_[state_.device >> 4 & 1]; }
    void update_irq() const;

    Line irq_;
    Ports ports_;
    std::array<AtaDrive*, 2> drives_;
    BlockDmaMaster* master_ = nullptr;
    State state_;
};

template <> inline constexpr auto fields<AtaChannel::State> = describe(
    field("control", &AtaChannel::State::control), field("device", &AtaChannel::State::device));

}  // namespace retrace
