#include "tests/lockstep/world.hpp"

namespace retrace::test {

namespace {

// Rolled often: what compilers and assembler programs are made of. Never: what only stops or resets the machine.
bool wanted(const Row& row) {
    switch (row.op) {
        case Op::Hlt: case Op::Invalid: case Op::MovToCr: case Op::Lmsw: case Op::Lgdt: case Op::Lidt: case Op::Loadall286: case Op::Loadall386: case Op::Rdtsc:
        case Op::Wrmsr: case Op::Rdmsr: case Op::MovToDr: case Op::Sysenter: case Op::Sysexit: case Op::Ltr: case Op::Lldt: case Op::Icebp:
        case Op::JmpFar: case Op::JmpFarIndirect: case Op::CallFar: case Op::CallFarIndirect: case Op::RetFar: case Op::Int: case Op::Int3: case Op::Into: case Op::Iret:
        case Op::Ud2: case Op::Bound:
        case Op::Jcc: case Op::JmpNear: case Op::CallNear: case Op::RetNear: case Op::Loop: case Op::Loope: case Op::Loopne: case Op::Jcxz:
        case Op::JmpIndirect: case Op::CallIndirect: case Op::Popf: return false;
        default: return row.since <= Since::I686 || row.since == Since::Cmov || row.since == Since::Fpu;
    }
}
bool common(const Row& row) {
    switch (row.op) {
        case Op::Add: case Op::Or: case Op::Adc: case Op::Sbb: case Op::And: case Op::Sub: case Op::Xor: case Op::Cmp: case Op::Test: case Op::Mov:
        case Op::Inc: case Op::Dec: case Op::Not: case Op::Neg: case Op::Shl: case Op::Shr: case Op::Sar: case Op::Rol: case Op::Ror: case Op::Rcl: case Op::Rcr:
        case Op::Lea: case Op::Movzx: case Op::Movsx: case Op::Setcc: case Op::Cmovcc: case Op::Imul2: case Op::Mul: case Op::Imul: case Op::Push: case Op::Pop:
        case Op::Xchg: case Op::Cbw: case Op::Cwd: case Op::Bswap: case Op::Clc: case Op::Stc: case Op::Cmc: case Op::Div: case Op::Idiv: case Op::Leave: return true;
        default: return false;
    }
}

const Decoder& decoder() {
    static const Decoder one{CpuModel::Pentium2};
    return one;
}

}  // namespace

void World::fill() {
    for (u32 at = 0; at < ram; at += 4) memory.write({at}, 4, dice_.one_in(2) ? dice_.below(0x4000) : dice_.word());
    fill_program();
    fill_handlers();
    for (u32 vector = 0; vector < 256; ++vector) put32(vector * 4, (code_at / 16) << 16 | (handlers_at + handler_size * (vector % handlers)));
    for (unsigned index = 0; index < 8; ++index) cpu.state.gpr[index] = dice_.one_in(3) ? dice_.word() : data_at + dice_.below(0x8000);
    if (code32()) {
        enter_protected_mode();
        cpu.state.gpr[Esp] = data_at + 0x8000 + dice_.below(0x100);
    } else {
        for (const unsigned segment : {0u, 2u, 3u, 4u, 5u}) cpu.set_real_segment(segment, static_cast<u16>(0x2000 + dice_.below(0x1000)));
        cpu.set_real_segment(1, code_at / 16);
        cpu.state.gpr[Esp] = 0x8000 + dice_.below(0x100);
    }
    cpu.state.eip = code32() && setting_ != Setting::Based ? code_at : 0;
    cpu.set_eflags(2 | (dice_.word() & flag::status) | (dice_.one_in(2) ? flag::IF : 0));
}

// What a fault or an interrupt leads to: fresh registers, and on from somewhere in the program.
void World::fill_handlers() {
    for (unsigned n = 0; n < handlers; ++n) {
        std::vector<u8> bytes;
        const auto append = [&](u32 value, unsigned size) {
            for (unsigned at = 0; at < size; ++at) bytes.push_back(static_cast<u8>(value >> (8 * at)));
        };
        const unsigned width = code32() ? 4 : 2;
        if (!code32()) {
            // mov ax, n / mov ss, ax / mov ds, ax / mov es, ax
            append(0xb8, 1);
            append(0x2000 + dice_.below(0x1000), 2);
            for (const u32 move : {0xd08eu, 0xd88eu, 0xc08eu}) append(move, 2);
        }
        for (unsigned index = 0; index < 8; ++index) {
            append(0xb8 + index, 1);
            append(index == Esp ? (code32() ? data_at : 0) + 0x7000 + dice_.below(0x1000) : dice_.one_in(4) ? dice_.word() : (code32() ? data_at : 0) + dice_.below(0x7000), width);
        }
        if (dice_.one_in(2)) append(0xfb, 1);
        append(0xe9, 1);
        const u32 from = handlers_at + handler_size * n + static_cast<u32>(bytes.size()) + width;
        append(starts_[dice_.below(static_cast<u32>(starts_.size()))] - from, width);
        put(code_at + handlers_at + handler_size * n, bytes.data(), bytes.size());
    }
}

// Writes to ESP make for short lives: most are left out.
bool World::harms_stack(const Instruction& i) {
    const Row& row = row_of(i);
    const bool to_rm = !i.has(Instruction::memory) && i.rm == Esp && i.operand_width > 1;
    const bool to_reg = i.reg == Esp && i.operand_width > 1 && has_modrm(row);
    return (to_rm || to_reg || row.op == Op::Leave || row.op == Op::Enter || row.op == Op::Lss || row.op == Op::MovToSeg || row.op == Op::PopSeg) && !dice_.one_in(30);
}

// Straight pieces and branches among them; now and then a store may hit any of it.
void World::fill_program() {
    static const RandomInstruction all{decoder(), wanted, 0x8000}, often{decoder(), common, 0x8000};
    std::vector<u8> bytes;
    std::vector<u32> starts;
    struct Branch { u32 at; unsigned size; };
    std::vector<Branch> branches;
    const u32 length = dice_.one_in(4) ? code_size : 64 + dice_.below(600);
    const auto append = [&](std::initializer_list<unsigned> some) {
        for (const unsigned byte : some) bytes.push_back(static_cast<u8>(byte));
    };
    while (bytes.size() + 16 < length) {
        starts.push_back(static_cast<u32>(bytes.size()));
        if (dice_.one_in(9)) {
            const bool wide = code32();
            switch (dice_.below(8)) {
                case 0: append({0xe9}); break;
                case 1: append({0xe8}); break;
                case 2: append({0xc3}); continue;
                case 3:
                    append({0xe0 + dice_.below(4), dice_.below(2) ? 2 + dice_.below(5) : 0xf0 - dice_.below(40)});
                    continue;
                case 4:
                    append({0xff, 0xd0 + dice_.below(2) * 16 + dice_.below(8)});
                    continue;
                default: append({0x0f, 0x80 + dice_.below(16)}); break;
            }
            branches.push_back({static_cast<u32>(bytes.size()), wide ? 4u : 2u});
            bytes.resize(bytes.size() + (wide ? 4 : 2));
            continue;
        }
        if (code32() && dice_.one_in(3)) {
            // What compilers make: members and locals at small distances from a register.
            static constexpr std::array<u8, 18> opcodes{0x01, 0x03, 0x29, 0x2b, 0x31, 0x33, 0x39, 0x3b, 0x89, 0x8b, 0x8b, 0x89, 0x88, 0x8a, 0x00, 0x13, 0x85, 0x87};
            static constexpr std::array<u8, 5> bases{4, 5, 5, 6, 7};
            const u32 base = dice_.one_in(3) ? bases[dice_.below(5)] : bases[length % 5];
            u32 other = dice_.below(8);
            if (other == Esp) other = Eax;
            append({opcodes[dice_.below(18)], 0x40 | other << 3 | base});
            if (base == 4) append({0x24});
            append({dice_.one_in(8) ? dice_.below(256) : dice_.below(8) * 4});
            continue;
        }
        auto rolled = (dice_.one_in(8) ? all : often).roll(dice_, code32());
        while (harms_stack(rolled.instruction)) rolled = often.roll(dice_, code32());
        bytes.insert(bytes.end(), rolled.bytes.begin(), rolled.bytes.begin() + rolled.length);
    }
    starts.push_back(static_cast<u32>(bytes.size()));
    const u32 end = static_cast<u32>(bytes.size());
    append({0xe9});
    branches.push_back({end + 1, code32() ? 4u : 2u});
    bytes.resize(bytes.size() + 4);
    for (const Branch& branch : branches) {
        const u32 target = starts[dice_.below(static_cast<u32>(starts.size()))];
        const u32 distance = target - (branch.at + branch.size);
        for (unsigned n = 0; n < branch.size; ++n) bytes[branch.at + n] = static_cast<u8>(distance >> (8 * n));
    }
    put(code_at, bytes.data(), bytes.size());
    starts_ = starts;
}

void World::enter_protected_mode() {
    const u32 gdt = tables_at, idt = tables_at + 0x1000;
    const u32 base = setting_ == Setting::Based ? code_at : 0;
    const auto descriptor = [&](u32 at, u64 linear, u64 limit, u64 access, u64 attributes) {
        put64(gdt + at, (limit & 0xffff) | (linear & 0xffffff) << 16 | access << 40 | (limit >> 16 & 15) << 48 | attributes << 52 | (linear >> 24) << 56);
    };
    put64(gdt, 0);
    const bool based = setting_ == Setting::Based;
    descriptor(0x08, base, based ? 0x1ffff : 0xfffff, 0x9b, based ? 4 : 12);
    descriptor(0x10, 0, 0xfffff, 0x93, 12);
    descriptor(0x18, 0, based ? 0x3ffff : 0xfffff, 0x93, based ? 4 : 12);
    for (u32 vector = 0; vector < 256; ++vector) {
        const u32 offset = (based ? 0 : code_at) + handlers_at + handler_size * (vector % handlers);
        put64(idt + vector * 8, (u64{offset} & 0xffff) | u64{0x08} << 16 | u64{0x8e00} << 32 | (u64{offset} >> 16) << 48);
    }
    cpu.state.gdtr = {gdt, 0x1f};
    cpu.state.idtr = {idt, 0x7ff};
    if (setting_ == Setting::Paged) {
        // The first megabyte, some pages read-only or absent; the code and the tables are there.
        const u32 directory = tables_at + 0x2000, table = tables_at + 0x3000;
        for (u32 n = 0; n < 1024; ++n) put32(directory + n * 4, n == 0 ? table | 7 : 0);
        for (u32 n = 0; n < 1024; ++n) {
            const bool needed = (n >= code_at >> 12 && n < (code_at + handlers_at + 0x1000) >> 12) || n >= tables_at >> 12 || n == (data_at + 0x8000) >> 12 || n == (data_at + 0x7000) >> 12 || n == (data_at + 0x6000) >> 12;
            const u32 frame = needed || dice_.one_in(2) ? n & 0xff : dice_.below(0x80);
            put32(table + n * 4, frame << 12 | (needed || !dice_.one_in(8) ? 1u : 0u) | (needed || !dice_.one_in(4) ? 2u : 0u) | 4u);
        }
        cpu.state.cr3 = directory;
        cpu.state.cr0 |= cr0::PG | cr0::WP;
    }
    cpu.state.cr0 |= cr0::PE;
    cpu.restored();
    for (const unsigned segment : {0u, 2u, 3u, 4u, 5u}) static_cast<void>(cpu.load_segment(segment, segment == 3 || segment == 4 ? 0x18 : 0x10));
    SegmentRegister cs;
    cs.selector = 0x08;
    cs.base = base;
    cs.limit = based ? 0x1ffff : 0xffffffff;
    cs.attributes = based ? 0x409b : 0xc09b;
    cpu.put_segment(1, cs);
    cpu.fault = {};
}

}  // namespace retrace::test
