// RDMSR, WRMSR and RDPMC: the registers that do something, and the two event counters. SDM volume 3, 11.4.4 (APIC base), 19.3 (counters of
// the P6 family) and 19.7 (Pentium); volume 4.
//
// Only retired instructions and unhalted clocks are counted, and both are steps: one each instruction, iteration and fault.
#include "core/cpu/cpu.hpp"
#include "core/cpu/identity.hpp"
#include "core/cpu/model_registers.hpp"

namespace retrace {

using namespace model_register;

namespace {

constexpr u64 counter_mask = 0xff'ffff'ffff;
constexpr u64 apic_global_enable = 0x800, boot_processor = 0x100;

bool has_own_select(CpuModel model) { return model == CpuModel::Pentium2 || model == CpuModel::Pentium3 || model == CpuModel::Max; }

}  // namespace

u64 Cpu::time_stamp_counter() {
    synchronise();
    return scheduler.now().step + state.tsc_offset;
}

bool Cpu::read_model_register(u32 index, u64& value) {
    if (index == time_stamp && at_least(CpuModel::Pentium)) {
        value = time_stamp_counter();
    } else if (index == apic_base && at_least(CpuModel::Pentium2)) {
        value = state.apic_base;
    } else if (index == extended_features && has_no_execute(model_)) {
        value = state.efer;
    } else if (unsigned n = 0; is_event_register(index, n)) {
        settle_event_counters();
        value = index == p5_control || index - event_select < 2 ? state.event_select[n] : state.event_count[n];
    } else {
        const ModelRegister* const found = find_model_register(model_, index);
        if (!found || found->rule == ModelRegister::Rule::WriteOnly) return raise(vector::GP, 0);
        const auto kept = state.msr.find(index);
        value = kept == state.msr.end() ? found->born : kept->second;
    }
    return true;
}

bool Cpu::write_model_register(u32 index, u64 value) {
    if (index == time_stamp && at_least(CpuModel::Pentium)) {
        // The upper half is cleared before the later members of the Pentium 4 family.
        const u64 now = time_stamp_counter() - state.tsc_offset;
        state.tsc_offset = (model_ < CpuModel::Max ? value & 0xffffffff : value) - now;
        return true;
    }
    if (index == apic_base && at_least(CpuModel::Pentium2)) {
        constexpr u64 writable = 0xf'ffff'f000 | apic_global_enable;
        if (value & ~(writable | boot_processor)) return raise(vector::GP, 0);
        state.apic_base = (value & writable) | boot_processor;
        if (apic_placed_) apic_placed_(state.apic_base);
        run.stop = true;
        return true;
    }
    if (index == extended_features && has_no_execute(model_)) {
        const auto switches = state.msr.find(misc_enables);
        const bool disabled = switches != state.msr.end() && (switches->second & misc_enable::no_execute_disable);
        if (value & ~(disabled ? 0 : u64{efer::NXE})) return raise(vector::GP, 0);
        state.efer = static_cast<u32>(value);
        update_mode();
        run.stop = true;
        return true;
    }
    if (unsigned n = 0; is_event_register(index, n)) {
        settle_event_counters();
        if (index == p5_control || index - event_select < 2) state.event_select[n] = static_cast<u32>(value);
        else state.event_count[n] = static_cast<u64>(static_cast<i32>(static_cast<u32>(value))) & counter_mask;   // sign-extended
        update_event_counters();
        return true;
    }
    const ModelRegister* const found = find_model_register(model_, index);
    if (!found || !accepts(*found, index, value)) return raise(vector::GP, 0);
    if (found->rule == ModelRegister::Rule::WriteOnly) return true;
    if (found->rule == ModelRegister::Rule::Low) value &= 0xffffffff;
    if (index == debug_control && (value & 3)) log.unimplemented("recording or stepping by branches (DEBUGCTL)");
    state.msr[index] = value;
    if (index == misc_enables && (value & misc_enable::no_execute_disable)) {
        state.efer &= ~efer::NXE;
        update_mode();
        run.stop = true;
    }
    return true;
}

// ---- event counters

// Selects and counters of the models that have two; of the Pentium, one register selects for both.
bool Cpu::is_event_register(u32 index, unsigned& n) const {
    if (model_ == CpuModel::Pentium) {
        n = index == p5_counter + 1 ? 1 : 0;
        return index - p5_control < 3;
    }
    n = (index - counter) & 1;
    if (index - event_select < 2) n = index - event_select;
    return has_own_select(model_) && (index - counter < 2 || index - event_select < 2);
}

bool Cpu::counts_now(unsigned n) const {
    if (model_ == CpuModel::Pentium) {
        const u32 select = state.event_select[0] >> (16 * n) & 0x3ff, rings = select >> 6 & 3, event = select & 0x3f;
        return ((select & 0x100) || event == 0x16 || event == 0x17) && (state.cpl == 3 ? rings & 2 : rings & 1);
    }
    const u32 select = state.event_select[n], event = select & 0xff;
    const u32 enable = model_ == CpuModel::Max ? select : state.event_select[0];   // one enable bit for both in the P6 family
    const bool clocks = event == (model_ == CpuModel::Max ? 0x3cu : 0x79u);
    return (enable & 1 << 22) && (event == 0xc0 || clocks) && (state.cpl == 0 ? select & 1 << 17 : select & 1 << 16);
}

void Cpu::settle_event_counters() {
    synchronise();
    const u64 retired = scheduler.now().step - state.idle_steps;
    for (unsigned n = 0; n < 2; ++n)
        if (counts_now(n)) state.event_count[n] = (state.event_count[n] + retired - state.events_settled) & counter_mask;
    state.events_settled = retired;
}

void Cpu::update_event_counters() {
    const u32 enables = model_ == CpuModel::Pentium ? 0x00c000c0 : 1u << 22;
    counting_ = at_least(CpuModel::Pentium) && ((state.event_select[0] | state.event_select[1]) & enables);
}

bool Cpu::read_event_counter(u32 index, u64& value) {
    if (protected_mode() && state.cpl != 0 && !(state.cr4 & cr4::PCE)) return raise(vector::GP, 0);
    if (model_ == CpuModel::Pentium4) {
        const u32 n = index & 0x7fffffff;   // bit 31: the low half alone, faster
        return n < 18 ? read_model_register(0x300 + n, value) : raise(vector::GP, 0);
    }
    return index < 2 ? read_model_register(counter + index, value) : raise(vector::GP, 0);
}

}  // namespace retrace
