// The VGA: IBM's Video Graphics Array with 256 KiB, as the PS/2 and its adapter card have it, and beside it a linear frame buffer
// (Dispi, in its own header), which takes the screen when it is enabled.
//
//   ports   3B4-3B5, 3BA      CRTC, status and feature control, when the addresses are monochrome
//           3D4-3D5, 3DA      the same, when they are colour
//           1CE-1CF           the linear frame buffer's registers (16 bits wide)
//           3C0-3CF           attribute controller, miscellaneous output and status 0, enable, sequencer, DAC,
//                             graphics controller (each in the header of its registers)
//           3C2  read         status 0: 4 monitor sense, 7 vertical interrupt pending
//           3BA/3DA  read     status 1: 0 not displaying, 3 vertical retrace, 4-5 two bits of the border's colour (0 while
//                             displaying); the attribute controller's next write is an index
//   memory  A0000-BFFFF       the four planes, through the window that the graphics controller chooses;
//                             with the linear frame buffer on the screen, A0000-AFFFF is a bank of it
//   pin IRQ                   vertical interrupt (IRQ 2 of an ISA adapter), if CR11 enables it
//
// The start address is taken at the beginning of each vertical retrace (the linear frame buffer's at once). A hard reset leaves the memory
// as it is.
//
// Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem".
#pragma once

#include <optional>
#include <span>

#include "core/base/log.hpp"
#include "core/bus/device.hpp"
#include "core/bus/direct_stores.hpp"
#include "core/bus/line.hpp"
#include "core/bus/mmio_map.hpp"
#include "core/bus/port_map.hpp"
#include "core/time/scheduler.hpp"
#include "devices/host/display.hpp"
#include "devices/video/beam.hpp"
#include "devices/video/dispi.hpp"
#include "devices/video/registers.hpp"
#include "devices/video/video_memory.hpp"

namespace retrace {

class Vga final : public Device, public MmioWindow {
public:
    struct State {
        VgaRegisters registers;
        Dispi dispi;
        Beam::State beam;
        u16 start_taken = 0;            // the start address as of the last retrace before `start_written_at`
        u64 start_written_at = 0;       // retraces begun when the start address was last written
        u64 interrupt_armed_at = 0;     // retraces begun when CR11 last let go of the interrupt
    };

    // `linear`: the linear frame buffer's memory, a multiple of 64 KiB, zero at power-on. The adapter describes it.
    Vga(Scheduler& scheduler, std::span<u8> linear, Line vertical_interrupt = {}, Log::Channel log = {});
    // Stores that only change the byte they name need not come to the window any more: chain 4, every plane, nothing combined; or a bank.
    void connect(DirectStores& stores) { direct_stores_ = &stores; }
    void attach(PortMap& ports) override;
    void attach(MmioMap& windows) override;
    void reset(Reset reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;

    // ---- for the outside, between slices
    // While it stays equal the picture stays the same: front ends need not ask for it again.
    struct Stamp {
        u64 changes = 0, blinks = 0, linear = 0;
        u16 start = 0;
        bool operator==(const Stamp&) const = default;
    };
    [[nodiscard]] Stamp stamp() const;
    [[nodiscard]] Frame render() const;
    void render(Frame& into) const;  // quicker: uses the frame's memory again
    [[nodiscard]] std::optional<TextScreen> text() const;

    // ---- the memory window
    u64 mmio_read(u32 offset, unsigned width) override { return banked() ? read_bank(offset, width) : memory_.read(offset, width); }
    void mmio_write(u32 offset, unsigned width, u64 value) override {
        ++changes_;
        if (banked()) write_bank(offset, width, value);
        else memory_.write(offset, width, value);
    }
    [[nodiscard]] const u8* mmio_memory(u32 offset, u32 bytes) override { return banked() ? nullptr : memory_.direct_loads(offset, bytes); }
    void mmio_loaded(u32 offset, unsigned width) override { (void)memory_.read(offset, width); }
    [[nodiscard]] std::optional<u8> mmio_peek(u32 offset) const override { return banked() ? static_cast<u8>(read_bank(offset, 1)) : memory_.peek(offset); }

private:
    u8 read(u16 port);
    void write(u16 port, u8 value);
    [[nodiscard]] u8 peek(u16 port) const;

    [[nodiscard]] u16 read_dispi(u16 port);
    void write_dispi(u16 port, u16 value);
    [[nodiscard]] bool banked() const { return state_.dispi.enabled(); }
    [[nodiscard]] u64 read_bank(u32 offset, unsigned width) const;
    void write_bank(u32 offset, unsigned width, u64 value);
    [[nodiscard]] bool dark() const;

    [[nodiscard]] bool answers(u16 port) const;
    [[nodiscard]] u8 crtc_data() const;
    [[nodiscard]] u8 status_0() const;
    [[nodiscard]] u8 status_1() const;
    void write_crtc(u8 value);
    void write_sequencer(u8 value);

    void configure_memory();
    [[nodiscard]] VideoTiming timing() const;
    void retime();
    [[nodiscard]] u16 start_shown() const;
    [[nodiscard]] bool interrupt_pending() const;
    void drive_interrupt();

    Scheduler& scheduler_;
    Line vertical_interrupt_;
    Log::Channel log_;
    Timer retrace_;
    State state_;
    VgaRegisters& registers_ = state_.registers;
    Beam beam_;
    VideoMemory memory_;
    std::span<u8> linear_;
    DirectStores* direct_stores_ = nullptr;
    VideoMemory::Direct direct_;         // where stores that pass us by go
    // For stamp(); not state: writes and loads, and the memory as it was when stores passed us by.
    mutable u64 changes_ = 0;
    mutable std::vector<u8> seen_;
};

template <> inline constexpr auto fields<Vga::State> = describe(
    field("registers", &Vga::State::registers),
    field("dispi", &Vga::State::dispi),
    field("beam", &Vga::State::beam),
    field("start_taken", &Vga::State::start_taken),
    field("start_written_at", &Vga::State::start_written_at),
    field("interrupt_armed_at", &Vga::State::interrupt_armed_at));

}  // namespace retrace
