#include "frontend/verifier.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/cpu/cpu.hpp"
#include "core/isa/decoder.hpp"
#include "core/isa/disassembler.hpp"
#include "core/state/visitors.hpp"

namespace retrace {

namespace {
constexpr u64 steps_between = 20'000'000;
constexpr u64 steps_shown = 8;   // before the one that differs: a translator does several at once

MachineHost likewise(const MachineHost& host, SerialPort& silent) {
    MachineHost same;
    for (unsigned port = 0; port < same.serial.size(); ++port) same.serial[port] = host.serial[port] ? &silent : nullptr;
    same.printer = host.printer ? &silent : nullptr;
    if (host.debug_console) same.debug_console = [](u8) {};
    return same;
}

// The registers a user looks at first, on one line.
std::string registers_of(const StateInspector::Entries& state) {
    static constexpr std::pair<const char*, const char*> names[]{
        {"eax", "gpr.slot.0"}, {"ecx", "gpr.slot.1"}, {"edx", "gpr.slot.2"}, {"ebx", "gpr.slot.3"}, {"esp", "gpr.slot.4"}, {"ebp", "gpr.slot.5"}, {"esi", "gpr.slot.6"},
        {"edi", "gpr.slot.7"}, {"cs", "segment.1.selector"}, {"eip", ".eip"}, {"eflags", ".eflags"}};
    std::string text;
    for (const auto& [name, path] : names)
        for (const auto& [where, value] : state)
            if (where.starts_with("cpu.") && where.ends_with(path)) {
                text += std::string{text.empty() ? "" : " "} + name + "=" + value.substr(0, value.size() - (value.ends_with("h") ? 1 : 0));
                break;
            }
    return text;
}
}  // namespace

Verifier::Verifier(const MachineConfig& config, MachineDisks disks, const MachineHost& host, const EngineFactory& reference)
    : twin_{config, std::move(disks), likewise(host, silent_), [&](Cpu& cpu) {
                cpu_ = &cpu;
                return reference(cpu);
            }} {}

// To `until`, posting what came in on the way. A machine that was switched off stays where it is.
void Verifier::run(Machine& machine, Moment until, std::size_t first_input, const Recording& inputs) const {
    const auto run_to = [&](Moment moment) {
        while (machine.now() < moment) {
            const auto stop = machine.run(moment);
            if (stop == Machine::Stop::PowerOff || stop == Machine::Stop::DebugExit) return;
        }
    };
    for (std::size_t at = first_input; at < inputs.inputs.size() && inputs.inputs[at].step <= until.step; ++at) {
        run_to({inputs.inputs[at].step});
        machine.input().post(inputs.inputs[at].entrance, inputs.inputs[at].data);
    }
    run_to(until);
}

std::optional<std::string> Verifier::follow(Machine& machine) {
    if (!equal_.machine.empty() && machine.now().step < equal_.moment.step + steps_between) return std::nullopt;
    return compare(machine);
}

std::optional<std::string> Verifier::compare(Machine& machine) {
    const Recording& inputs = machine.input().recording();
    run(twin_, machine.now(), equal_.inputs, inputs);
    if (machine.digest() != twin_.digest()) return locate(machine);
    equal_ = {machine.now(), machine.save_state(), twin_.save_state(), inputs.inputs.size()};
    return std::nullopt;
}

std::string Verifier::instruction_at(Machine& twin) const {
    const u32 eip = cpu_->state.eip;
    std::array<u8, Decoder::most_bytes> bytes{};
    for (unsigned n = 0; n < bytes.size(); ++n) {
        const auto where = cpu_->mmu.peek({cpu_->state.segment[1].base + eip + n});
        if (where.ok) bytes[n] = twin.peek(where.physical).value_or(0);
    }
    Instruction instruction;
    Decoder{cpu_->model()}.decode(bytes, cpu_->code32(), instruction);
    std::string text = twin.where() + "  ";
    for (unsigned n = 0; n < instruction.length; ++n) {
        char byte[4];
        std::snprintf(byte, sizeof byte, "%02x ", bytes[n]);
        text += byte;
    }
    return text + " " + disassemble(instruction, eip);
}

// Between the last moment at which they were equal and now: halves the distance until one instruction is left.
std::string Verifier::locate(Machine& machine) {
    const std::string seen = difference(inspect(machine), inspect(twin_), 20);
    const Recording inputs = machine.input().recording();
    Moment good = equal_.moment, bad = machine.now();
    if (equal_.machine.empty())
        return "The engines differ before step " + std::to_string(bad.step) + " (left: the engine that ran; right: the interpreter):\n" + seen;

    std::string after = seen, left, right;
    bool again = false;
    while (bad.step - good.step > 1 || !again) {
        const Moment middle = again ? Moment{good.step + (bad.step - good.step) / 2} : bad;
        machine.load_state(equal_.machine);
        twin_.load_state(equal_.twin);
        run(machine, middle, equal_.inputs, inputs);
        run(twin_, middle, equal_.inputs, inputs);
        const bool differs = machine.digest() != twin_.digest();
        if (!again && !differs) return "The engines differ before step " + std::to_string(bad.step) + ", but do not when run again from step " + std::to_string(good.step) + " (left: the engine that ran; right: the interpreter):\n" + seen;
        again = true;
        if (differs) {
            bad = middle;
            const auto one = inspect(machine), other = inspect(twin_);
            after = difference(one, other, 20);
            left = registers_of(one);
            right = registers_of(other);
        } else {
            good = middle;
        }
    }
    // Up to it, step by step.
    twin_.load_state(equal_.twin);
    run(twin_, {std::max(equal_.moment.step, good.step - std::min(good.step, steps_shown))}, equal_.inputs, inputs);
    std::string way;
    while (twin_.now() < good) {
        way += "  " + instruction_at(twin_) + "\n";
        const auto next = std::ranges::find_if(inputs.inputs, [&](const auto& input) { return input.step > twin_.now().step; });
        run(twin_, twin_.now() + 1, static_cast<std::size_t>(next - inputs.inputs.begin()), inputs);
    }
    return "The engines differ after this instruction:\n  " + instruction_at(twin_) + "\nBefore it came (a translator does several at once, so the cause may be among them):\n" + way + "Registers before it:\n  " + registers_of(inspect(twin_)) +
           "\nafter it, under the engine that ran:\n  " + left + "\nafter it, under the interpreter:\n  " + right +
           "\nWhat differs (left: the engine that ran; right: the interpreter):\n" + after;
}

}  // namespace retrace
