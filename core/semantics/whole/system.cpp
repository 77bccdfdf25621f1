// Control, debug and test registers, descriptor table registers, LOADALL. SDM volumes 2 and 3; LOADALL after Intel's notes for the 286
// and what is known of the 386.
#include "core/semantics/whole/operand.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

bool clts(Cpu& cpu, I) {
    cpu.state.cr0 &= ~cr0::TS;
    return true;
}

bool smsw(Cpu& cpu, I i) {
    return write_rm(cpu, i, i.has(Instruction::memory) ? 2 : i.operand_width, cpu.state.cr0);
}

// LMSW sets PE but never clears it.
bool lmsw(Cpu& cpu, I i) {
    u32 value = 0;
    if (!read_rm(cpu, i, 2, value)) return false;
    const u32 kept = cpu.state.cr0 & ~(cr0::MP | cr0::EM | cr0::TS);
    return cpu.set_cr0(kept | (value & (cr0::PE | cr0::MP | cr0::EM | cr0::TS)));
}

bool mov_from_control(Cpu& cpu, I i) {
    u32 value = 0;
    switch (i.reg) {
        case 0: value = cpu.state.cr0; break;
        case 2: value = cpu.state.cr2; break;
        case 3: value = cpu.state.cr3; break;
        case 4:
            if (!cpu.at_least(CpuModel::Pentium)) return cpu.raise(vector::UD);
            value = cpu.state.cr4;
            break;
        default: return cpu.raise(vector::UD);
    }
    cpu.state.gpr[i.rm] = value;
    return true;
}

bool mov_to_control(Cpu& cpu, I i) {
    const u32 value = cpu.state.gpr[i.rm];
    switch (i.reg) {
        case 0: return cpu.set_cr0(value);
        case 2: cpu.state.cr2 = value; return true;
        case 3: return cpu.set_cr3(value);
        case 4: return cpu.at_least(CpuModel::Pentium) ? cpu.set_cr4(value) : cpu.raise(vector::UD);
        default: return cpu.raise(vector::UD);
    }
}

namespace {

// DR4 and DR5 are DR6 and DR7, unless CR4.DE forbids; with DR7.GD any access traps.
bool debug_register(Cpu& cpu, unsigned& index) {
    if (index == 4 || index == 5) {
        if (cpu.state.cr4 & cr4::DE) return cpu.raise(vector::UD);
        index += 2;
    }
    if (cpu.state.dr[7] & dr7::GD) {
        cpu.state.dr[7] &= ~dr7::GD;
        cpu.state.dr[6] |= dr6::BD;
        return cpu.raise(vector::DB);
    }
    return true;
}

}  // namespace

bool mov_from_debug(Cpu& cpu, I i) {
    unsigned index = i.reg;
    if (!debug_register(cpu, index)) return false;
    cpu.state.gpr[i.rm] = cpu.state.dr[index];
    return true;
}

bool mov_to_debug(Cpu& cpu, I i) {
    unsigned index = i.reg;
    if (!debug_register(cpu, index)) return false;
    cpu.set_debug_register(index, cpu.state.gpr[i.rm]);
    return true;
}

bool mov_from_test(Cpu& cpu, I i) {
    if (i.reg < 3 || (i.reg < 6 && !cpu.at_least(CpuModel::I486))) return cpu.raise(vector::UD);
    cpu.state.gpr[i.rm] = cpu.state.test[i.reg];
    return true;
}

bool mov_to_test(Cpu& cpu, I i) {
    if (i.reg < 3 || (i.reg < 6 && !cpu.at_least(CpuModel::I486))) return cpu.raise(vector::UD);
    cpu.state.test[i.reg] = cpu.state.gpr[i.rm];
    return true;
}

// Nothing stale is ever kept (mmu.hpp).
bool invlpg(Cpu&, I) { return true; }

bool flush_caches(Cpu&, I) { return true; }

// ---- descriptor tables

namespace {

// The 286 stores FF in the last byte; a 16-bit operand on later processors loads 24 bits of base and stores all 32.
bool store_table(Cpu& cpu, I i, const TableRegister& table) {
    const u32 at = cpu.offset_of(i);
    const u32 base = cpu.model() == CpuModel::I286 ? table.base | 0xff000000 : table.base;
    const std::array<u8, 6> image{static_cast<u8>(table.limit), static_cast<u8>(table.limit >> 8), static_cast<u8>(base), static_cast<u8>(base >> 8),
                                  static_cast<u8>(base >> 16), static_cast<u8>(base >> 24)};
    return cpu.write_bytes(i.segment, at, image, 4);
}

bool load_table(Cpu& cpu, I i, TableRegister& table) {
    std::array<u8, 6> image{};
    if (!cpu.read_bytes(i.segment, cpu.offset_of(i), image, 4)) return false;
    const u32 base = load<u32>(image.data() + 2);
    table = {i.operand_width == 4 ? base : base & 0xffffff, load<u16>(image.data())};
    return true;
}

}  // namespace

bool sgdt(Cpu& cpu, I i) { return store_table(cpu, i, cpu.state.gdtr); }
bool sidt(Cpu& cpu, I i) { return store_table(cpu, i, cpu.state.idtr); }
bool lgdt(Cpu& cpu, I i) { return load_table(cpu, i, cpu.state.gdtr); }
bool lidt(Cpu& cpu, I i) { return load_table(cpu, i, cpu.state.idtr); }

// ---- LOADALL

bool load_all_286(Cpu& cpu, I) {
    const auto word = [&](u32 at) { return static_cast<u16>(cpu.read_system(0x800 + at, 2).value); };
    // A cache: 24 bits of base, access rights, limit.
    const auto cache = [&](u32 at, u16 selector) {
        const u32 low = word(at), mixed = word(at + 2);
        return SegmentRegister{selector, low | (mixed & 0xff) << 16, word(at + 4), static_cast<u16>(mixed >> 8)};
    };
    const auto table = [&](u32 at) {
        const u32 low = word(at), mixed = word(at + 2);
        return TableRegister{low | (mixed & 0xff) << 16, word(at + 4)};
    };
    auto& state = cpu.state;
    state.cr0 = (state.cr0 & ~0xeu) | (word(0x06) & 0xf);  // PE cannot be cleared
    constexpr std::array<u8, 8> order{Edi, Esi, Ebp, Esp, Ebx, Edx, Ecx, Eax};
    for (u32 n = 0; n < 8; ++n) state.gpr.set_word(order[n], word(0x26 + 2 * n));
    state.segment[0] = cache(0x36, word(0x24));
    state.segment[1] = cache(0x3c, word(0x22));
    state.segment[2] = cache(0x42, word(0x20));
    state.segment[3] = cache(0x48, word(0x1e));
    state.gdtr = table(0x4e);
    state.ldtr = cache(0x54, word(0x1c));
    state.idtr = table(0x5a);
    state.tr = cache(0x60, word(0x16));
    state.eip = word(0x1a);
    state.eflags = word(0x18) | 2u;
    state.cpl = (state.cr0 & cr0::PE) ? static_cast<u8>(state.segment[2].dpl()) : u8{0};
    cpu.restored();
    return true;
}

bool load_all_386(Cpu& cpu, I) {
    const u32 base = cpu.state.segment[0].base + cpu.state.gpr[Edi];
    const auto word = [&](u32 at) { return static_cast<u32>(cpu.read_system(base + at, 4).value); };
    if (!cpu.check_system(base, 0xcc, Access::Read)) return false;
    const auto cache = [&](u32 at, u32 selector) {
        return SegmentRegister{static_cast<u16>(selector), word(at + 4), word(at + 8), static_cast<u16>(word(at) >> 8 & 0xf0ff)};
    };
    const std::array<u32, 8> order{word(0x28), word(0x24), word(0x20), word(0x1c), word(0x18), word(0x14), word(0x10), word(0x0c)};
    auto& state = cpu.state;
    const std::array<SegmentRegister, 6> segments{cache(0xc0, word(0x50)), cache(0xb4, word(0x4c)), cache(0xa8, word(0x48)),
                                                  cache(0x9c, word(0x44)), cache(0x90, word(0x40)), cache(0x84, word(0x3c))};
    const SegmentRegister ldtr = cache(0x78, word(0x38)), tr = cache(0x54, word(0x34));
    const TableRegister gdtr{word(0x70), static_cast<u16>(word(0x74))}, idtr{word(0x64), static_cast<u16>(word(0x68))};
    state.eflags = word(0x04) | 2;
    state.eip = word(0x08);
    state.dr[6] = word(0x2c);
    state.dr[7] = word(0x30);
    state.cr0 = (word(0x00) & 0x8000001f) | cr0::ET;
    for (unsigned n = 0; n < 8; ++n) state.gpr[n] = order[n];
    state.segment = segments;
    state.ldtr = ldtr;
    state.tr = tr;
    state.gdtr = gdtr;
    state.idtr = idtr;
    state.cpl = (state.cr0 & cr0::PE) ? static_cast<u8>(state.segment[2].dpl()) : u8{0};
    cpu.restored();
    return true;
}

}  // namespace retrace::whole
