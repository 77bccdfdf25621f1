// LocalApic: the processor's local APIC (xAPIC), between the interrupt pins and the processor.
//
//   memory FEE00000-FEE00FFF, registers every 16 bytes, accessed as doublewords:
//     020 ID   030 version   080 TPR   090 APR   0A0 PPR   0B0 EOI (write)   0D0 LDR   0E0 DFR   0F0 spurious vector
//     100-170 ISR   180-1F0 TMR   200-270 IRR   280 ESR   300/310 ICR   320 timer   330 thermal   340 counters
//     350 LINT0   360 LINT1   370 error   380 initial count   390 current count   3E0 divide
//   pins INTR, NMI, SMI, INIT  out  to the processor
//   pin LINT0 in   the 8259's INT       pin LINT1 in  NMI
//
// While IA32_APIC_BASE disables it, the pins pass straight through. At reset LINT0 of the boot processor takes the 8259 (ExtINT), as
// firmware would set it, so that software that knows no APIC needs none. The timer counts a bus of 100 MHz.
//
// Source: Intel SDM vol. 3A, chapter 10.
#pragma once

#include <array>
#include <functional>

#include "core/base/log.hpp"
#include "core/bus/device.hpp"
#include "core/bus/interrupt_message.hpp"
#include "core/bus/interrupt_source.hpp"
#include "core/bus/line.hpp"
#include "core/bus/mmio_map.hpp"
#include "core/time/scheduler.hpp"

namespace retrace {

class LocalApic final : public Device, public MmioWindow, public InterruptSource {
public:
    static constexpr PhysicalAddress base{0xfee00000};
    static constexpr u64 bus_frequency = 100'000'000;

    enum Vector : unsigned { LvtTimer, LvtThermal, LvtCounters, LvtLint0, LvtLint1, LvtError, vector_count };

    struct State {
        bool enabled = true;            // IA32_APIC_BASE bit 11
        bool lint0 = false, lint1 = false;  // levels of the pins
        u8 id = 0;
        u8 task_priority = 0;
        u8 logical_id = 0;
        u8 destination_format = 0xf;
        u32 spurious = 0xff;            // vector 7-0, software enable 8
        std::array<u32, 8> in_service{}, trigger{}, requested{};
        u32 errors = 0, errors_shown = 0;
        u32 command_low = 0, command_high = 0;
        std::array<u32, vector_count> vectors{0x10000, 0x10000, 0x10000, 0x700, 0x10000, 0x10000};
        u32 initial_count = 0;
        u8 divide = 0;
        u64 started = 0;                // bus tick at which the count began
        bool running = false;
    };

    // `pic` answers for ExtINT. `send`: messages for other processors and I/O APIC ends of interrupt are told through `ended`.
    LocalApic(Scheduler& scheduler, Line interrupt, Line nmi, InterruptSource& pic, Log::Channel log = {});

    [[nodiscard]] Line lint0();
    [[nodiscard]] Line lint1();
    // A message from an I/O APIC. False if it is for nobody here.
    bool accept(const InterruptMessage& message);
    // Who is told of the end of a level-triggered interrupt.
    void on_end(std::function<void(u8 vector)> ended) { ended_ = std::move(ended); }
    // Where SMI and INIT messages go.
    void connect(Line smi, Line init) {
        smi_ = std::move(smi);
        init_ = std::move(init);
    }
    // IA32_APIC_BASE bit 11, as the processor's MSR has it.
    void enable(bool on);

    u8 acknowledge() override;

    void attach(MmioMap& windows) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;
    u64 mmio_read(u32 offset, unsigned width) override;
    void mmio_write(u32 offset, unsigned width, u64 value) override;
    [[nodiscard]] std::optional<u8> mmio_peek(u32 offset) const override;

private:
    [[nodiscard]] u32 read(u32 reg) const;
    void write(u32 reg, u32 value);
    void send_command();
    void fire(Vector vector);
    void request(u8 vector, bool level);
    void error(u32 bit);
    void end_of_interrupt();
    [[nodiscard]] bool software_enabled() const { return state_.enabled && (state_.spurious & 0x100) != 0; }
    [[nodiscard]] int highest(const std::array<u32, 8>& bits) const;
    [[nodiscard]] u8 processor_priority() const;
    [[nodiscard]] bool external_wanted() const;
    [[nodiscard]] bool own_wanted() const;
    [[nodiscard]] bool is_for_us(bool logical, u8 destination) const;
    void drive();
    void set_lint0(bool high);
    void set_lint1(bool high);

    [[nodiscard]] u32 divisor() const;
    [[nodiscard]] u64 ticks() const { return bus_.ticks_at(scheduler_.now()); }
    [[nodiscard]] u32 current_count() const;
    void start_timer();
    void timer_ran_out();

    Scheduler& scheduler_;
    Frequency bus_;
    Line interrupt_, nmi_, smi_, init_;
    InterruptSource& pic_;
    Log::Channel log_;
    Timer timer_;
    std::function<void(u8)> ended_;
    State state_;
};

template <> inline constexpr auto fields<LocalApic::State> = describe(
    field("enabled", &LocalApic::State::enabled), field("lint0", &LocalApic::State::lint0), field("lint1", &LocalApic::State::lint1),
    field("id", &LocalApic::State::id), field("task_priority", &LocalApic::State::task_priority), field("logical_id", &LocalApic::State::logical_id),
    field("destination_format", &LocalApic::State::destination_format), field("spurious", &LocalApic::State::spurious),
    field("in_service", &LocalApic::State::in_service), field("trigger", &LocalApic::State::trigger), field("requested", &LocalApic::State::requested),
    field("errors", &LocalApic::State::errors), field("errors_shown", &LocalApic::State::errors_shown),
    field("command_low", &LocalApic::State::command_low), field("command_high", &LocalApic::State::command_high),
    field("vectors", &LocalApic::State::vectors), field("initial_count", &LocalApic::State::initial_count), field("divide", &LocalApic::State::divide),
    field("started", &LocalApic::State::started), field("running", &LocalApic::State::running));

}  // namespace retrace
