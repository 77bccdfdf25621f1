#include "tests/lockstep/world.hpp"

#include <algorithm>
#include <cstring>

#include "core/cpu/x87.hpp"
#include "core/isa/features.hpp"

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

bool of_x87(const Row& row) { return row.op >= Op::Fadd && row.op <= Op::Fxrstor && row.op != Op::Esc; }
bool computes(const Row& row) {   // obeys MXCSR and sets its flags
    return (row.op >= Op::Addps && row.op <= Op::Sqrtsd) || (row.op >= Op::Cmpps && row.op <= Op::Comisd) || (row.op >= Op::Cvtpi2ps && row.op <= Op::Cvttpd2dq);
}
bool of_vectors(const Row& row) { return row.op >= Op::Emms && row.op <= Op::Pclmulqdq; }

// What programs of floating-point numbers meet, in all formats' upper words.
constexpr std::array<u32, 24> telling{0x3f800000, 0xbf800000, 0x40490fdb, 0x7f800000, 0xff800000, 0x7fc00000, 0x7fa00001, 0xffa00000, 0x00000001, 0x80000000, 0x00800000, 0x7f7fffff,
                                      0x3ff00000, 0xbff80000, 0x7ff00000, 0xfff00000, 0x7ff80000, 0x7ff40000, 0x00100000, 0x000fffff, 0x7fefffff, 0x41dfffff, 0xc1e00000, 0x34000000};

const Decoder& newest_decoder() {
    static const Decoder one{CpuModel::Max};
    return one;
}
const Decoder& decoder() {
    static const Decoder one{CpuModel::Pentium2};
    return one;
}

}  // namespace

void World::fill(std::span<const u8> program) {
    // What programs reach: the rest stays empty.
    u64 noise = dice_.word();
    std::vector<u64> words(filled / 8);
    for (u64& word : words) {
        noise = noise * 6364136223846793005 + 1442695040888963407;
        word = (noise >> 33 & 0x3fff) | (noise & 0xffffffff00000000);
    }
    std::memcpy(memory.ram().data(), words.data(), filled);
    mix_ = dice_.below(3);
    if (program.empty()) fill_program();
    else put(code_at, program.data(), program.size()), starts_ = {0};
    fill_handlers();
    for (u32 vector = 0; vector < 256; ++vector) put32(vector * 4, (code_at / 16) << 16 | (handlers_at + handler_size * (vector % handlers)));
    for (unsigned index = 0; index < 8; ++index) cpu.state.gpr[index] = dice_.one_in(3) ? dice_.word() : data_at + (dice_.below(0x8000) & (floating_ ? ~u32{15} : ~u32{0}));
    const bool interrupts = !ring3() && dice_.one_in(2);
    cpu.set_eflags(2 | (dice_.word() & flag::status) | (interrupts ? u32{flag::IF} : 0));
    if (floating_) fill_units();
    if (setting_ == Setting::Real) {
        for (const unsigned segment : {0u, 2u, 3u, 4u, 5u}) cpu.set_real_segment(segment, static_cast<u16>(0x2000 + dice_.below(0x1000)));
        cpu.set_real_segment(1, code_at / 16);
        cpu.state.gpr[Esp] = 0x8000 + dice_.below(0x100);
        cpu.state.eip = 0;
    } else {
        enter_protected_mode();
    }
}

// What a fault or an interrupt leads to: fresh registers, and on from somewhere in the program.
void World::fill_handlers() {
    for (unsigned n = 0; n < handlers; ++n) {
        const u32 at = handlers_at + handler_size * n;
        const std::vector<u8> bytes = handler(at);
        ENSURE(bytes.size() <= handler_size, "a handler fits into its place");
        put(code_at + at, bytes.data(), bytes.size());
    }
}

std::vector<u8> World::handler(u32 at) {
    std::vector<u8> bytes;
    const auto append = [&](u32 value, unsigned size) {
        for (unsigned n = 0; n < size; ++n) bytes.push_back(static_cast<u8>(value >> (8 * n)));
    };
    const u32 target = starts_[dice_.below(static_cast<u32>(starts_.size()))];
    const bool handler32 = code32() || ring3();
    const u32 data = code32() ? data_at : 0;
    if (setting_ == Setting::Real) {
        // mov ax, n / mov ss, ax / mov ds, ax / mov es, ax
        append(0xb8, 1);
        append(0x2000 + dice_.below(0x1000), 2);
        for (const u32 move : {0xd08eu, 0xd88eu, 0xc08eu}) append(move, 2);
    }
    if (ring3()) {
        // mov esp, n / push the frame that IRET goes back by
        append(0xbc, 1);
        append(ring0_stack, 4);
        const auto push = [&](u32 value) {
            append(0x68, 1);
            append(value, 4);
        };
        const u32 stack = data + 0x7000 + dice_.below(0x1000);
        if (setting_ == Setting::V86) {
            for (unsigned n = 0; n < 2; ++n) append(0x006a | (0x20 + dice_.below(0x70)) << 8, 2);   // gs, fs: anywhere below 0900h
            for (unsigned n = 0; n < 2; ++n) push(0x2000 + dice_.below(0x1000));                      // ds, es
            push(0x2000);
            push(stack);
            push((dice_.one_in(2) ? 0x23202u : 0x20202u) | (dice_.one_in(16) ? u32{flag::TF} : 0));
            push(code_at / 16);
            append(0x68, 1);
            append(target, 4);
        } else {
            // The data segments are null after an interrupt from V86 mode only; here ring 3's stay as they are.
            append(0x2b6a, 2);
            push(stack);
            push((dice_.one_in(2) ? 0x3202u : 0x202u) | (dice_.one_in(16) ? u32{flag::TF} : 0));
            append(0x236a, 2);
            push(code_at + target);
        }
        if (floating_) {   // pointers to numbers
            append(0xb8 + Ebp + dice_.below(3), 1);
            append(data + 16 * dice_.below(0x700), 4);
        } else {
            append(0xb8 + dice_.below(4), 1);
            append(dice_.one_in(2) ? dice_.word() : data + dice_.below(0x7000), 4);
        }
        if (floating_ && dice_.one_in(2)) append(0xe3db060f, 4);   // clts / fninit
        append(0xcf, 1);
        return bytes;
    }
    const unsigned width = handler32 ? 4 : 2;
    for (unsigned index = 0; index < 8; ++index) {
        append(0xb8 + index, 1);
        const u32 odd = floating_ ? ~u32{15} : ~u32{0};
        append(index == Esp ? data + 0x7000 + dice_.below(0x1000) : dice_.one_in(4) ? dice_.word() : (data + dice_.below(0x7000)) & odd, width);
    }
    if (dice_.one_in(2)) append(0xfb, 1);
    if (floating_ && dice_.one_in(2)) {
        append(0x060f, 2);                               // clts
        if (dice_.one_in(2)) append(0xe3db, 2);          // fninit
        if (cpu.at_least(CpuModel::Pentium3) && (cpu.state.cr4 & cr4::OSFXSR) != 0) {
            if (!handler32) append(0x66, 1);
            append(0x68, 1);                             // push / ldmxcsr [esp] / pop eax
            append(0x1f80 | dice_.below(4) << 13 | dice_.below(2) << 15, 4);
            if (!handler32) append(0x67, 1);
            append(0x2414ae0f, 4);
            if (!handler32) append(0x66, 1);
            append(0x58, 1);
        }
    }
    append(0xe9, 1);
    append(target - (at + static_cast<u32>(bytes.size()) + width), width);
    return bytes;
}

// The page-fault handler of ring 0: a page that is only away comes in, and the one that came in fourth last goes; everything else is a fault like others.
// Four, since no instruction touches more pages of data than that.
void World::fill_pager() {
    static_assert(handler_size * handlers + handlers_at == pager_at);
    constexpr u32 ring = tables_at + 0x5000, next = ring + 16;
    std::vector<u8> bytes;
    const auto byte = [&](std::initializer_list<unsigned> some) {
        for (const unsigned b : some) bytes.push_back(static_cast<u8>(b));
    };
    const auto word = [&](u32 value) {
        for (unsigned n = 0; n < 4; ++n) bytes.push_back(static_cast<u8>(value >> (8 * n)));
    };
    byte({0x60});                                        // pushad
    byte({0x6a, 0x2b, 0x1f});                            // push ring 3's data / pop ds: null after V86 mode
    byte({0x0f, 0x20, 0xd0});                            // mov eax, cr2
    byte({0x3d}), word(ram);                             // cmp eax, end of memory
    byte({0x73, 0});                                     // jae other
    const std::size_t outside = bytes.size();
    byte({0xc1, 0xe8, 12});                              // shr eax, 12
    byte({0x8d, 0x1c, 0x85}), word(table_at);            // lea ebx, [eax*4 + table]
    byte({0xf6, 0x03, 1});                               // test byte [ebx], present
    byte({0x75, 0});                                     // jnz other
    const std::size_t present = bytes.size();
    byte({0xf6, 0x43, 1, 2});                            // test byte [ebx+1], only away
    byte({0x74, 0});                                     // jz other
    const std::size_t absent = bytes.size();
    byte({0x8b, 0x0d}), word(next);                      // mov ecx, [next]
    byte({0x8b, 0x14, 0x8d}), word(ring);                // mov edx, [ecx*4 + ring]
    byte({0x85, 0xd2});                                  // test edx, edx
    byte({0x74, 0});                                     // jz first
    const std::size_t empty = bytes.size();
    byte({0x80, 0x22, 0xfe});                            // and byte [edx], not present
    byte({0x81, 0xea}), word(table_at);                  // sub edx, table
    byte({0xc1, 0xe2, 10});                              // shl edx, 10
    byte({0x0f, 0x01, 0x3a});                            // invlpg [edx]
    bytes[empty - 1] = static_cast<u8>(bytes.size() - empty);
    byte({0x89, 0x1c, 0x8d}), word(ring);                // first: mov [ecx*4 + ring], ebx
    byte({0x41, 0x83, 0xe1, 3});                         // inc ecx / and ecx, 3
    byte({0x89, 0x0d}), word(next);                      // mov [next], ecx
    byte({0x80, 0x0b, 1});                               // or byte [ebx], present
    byte({0x61, 0x83, 0xc4, 4, 0xcf});                   // popad / add esp, 4 / iretd
    for (const std::size_t jump : {outside, present, absent}) bytes[jump - 1] = static_cast<u8>(bytes.size() - jump);
    byte({0xe9});                                        // other: jmp handler 14
    word(handlers_at + handler_size * (14 % handlers) - (pager_at + static_cast<u32>(bytes.size()) + 4));
    put(code_at + pager_at, bytes.data(), bytes.size());
    for (u32 at = ring; at <= next; at += 4) put32(at, 0);
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
        if (dice_.one_in(floating_ ? 25 : 9)) {   // numbers are worked on in longer pieces, and not lost by a jump to anywhere
            const bool wide = code32();
            switch (floating_ && !dice_.one_in(4) ? 5 : dice_.below(8)) {
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
        if (code32() && dice_.one_in(floating_ ? 9 : 3)) {
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
        if (dice_.one_in(40)) {
            // A division of what was widened for it: CBW, CWD or CDQ, and DIV or IDIV.
            const bool bytes_only = dice_.one_in(3), prefixed = cpu.at_least(CpuModel::I386) && (bytes_only ? code32() : dice_.one_in(2));
            if (prefixed) append({0x66});
            append({bytes_only ? 0x98u : 0x99u});
            if (prefixed && !bytes_only) append({0x66});
            append({bytes_only ? 0xf6u : 0xf7u, 0xf0 + dice_.below(2) * 8 + dice_.below(8)});
            continue;
        }
        if (floating_ && !dice_.one_in(6)) {
            append_unit_instruction(bytes);
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

// The registers of the units, and numbers in memory.
void World::fill_units() {
    auto& fpu = cpu.state.fpu;
    const auto number = [&] { return dice_.one_in(2) ? telling[dice_.below(telling.size())] : dice_.word(); };
    if (cpu.at_least(CpuModel::Pentium3) && !dice_.one_in(8)) cpu.state.cr4 |= cr4::OSFXSR | (dice_.one_in(2) ? cr4::OSXMMEXCPT : 0);
    fpu.control = static_cast<u16>((dice_.word() & 0x1f3f) | 0x40 | (dice_.one_in(5) ? 0 : 0x3f));
    fpu.status = static_cast<u16>(dice_.word() & (dice_.one_in(2) ? 0x7f7f : 0x7f20));
    fpu.occupied = static_cast<u8>(dice_.one_in(3) ? 0xff : dice_.below(256));
    for (auto& value : fpu.physical) {
        constexpr std::array<u16, 8> exponents{0x3fff, 0xbfff, 0x7fff, 0xffff, 0, 0x8000, 0x7ffe, 0x4030};
        value.significand = u64{number()} << 32 | (dice_.one_in(2) ? 0 : dice_.word());
        if (!dice_.one_in(4)) value.significand |= u64{1} << 63;
        value.sign_exponent = static_cast<u16>(dice_.one_in(3) ? dice_.word() : dice_.one_in(2) ? 0x3ff0 + dice_.below(0x80) : exponents[dice_.below(8)]);
    }
    x87::update_summary(cpu);
    const u32 zeros = cpu.at_least(CpuModel::Pentium4) && dice_.one_in(4) ? 0x40 : 0;
    cpu.state.sse.mxcsr = (dice_.one_in(6) ? dice_.word() & 0x1f80 : 0x1f80) | (dice_.one_in(4) ? dice_.word() & 0xe03f : 0) | zeros;
    for (auto& xmm : cpu.state.sse.xmm)
        for (u64& word : xmm.words) word = u64{number()} << 32 | number();
    if (dice_.one_in(16)) cpu.state.cr0 |= cr0::TS;
    if (dice_.one_in(2)) cpu.state.cr0 |= cr0::NE | cr0::MP;
    u64 noise = dice_.word();
    for (u32 at = data_at; at < data_at + 0x8000; at += 8) {
        noise = noise * 6364136223846793005 + 1442695040888963407;
        if ((noise >> 60 & 3) != 0) put64(at, u64{telling[(noise >> 33) % telling.size()]} << 32 | telling[(noise >> 40) % telling.size()]);
    }
}

// What programs of numbers do in a row: flags are cleared, so that it shows who sets them; masks and directions change; functions get operands; and what
// came of it is looked at: flags, tags, pointers.
void World::append_unit_idiom(std::vector<u8>& bytes) {
    const bool wide = code32(), vectors = mix_ != 0 && cpu.at_least(CpuModel::Pentium3);
    const auto append = [&](std::initializer_list<unsigned> some) {
        for (const unsigned byte : some) bytes.push_back(static_cast<u8>(byte));
    };
    // An instruction with an operand at [esp], which holds `value`.
    const auto with = [&](u32 value, std::initializer_list<unsigned> opcode, unsigned field) {
        if (!cpu.at_least(CpuModel::I386)) return;
        if (!wide) append({0x66});
        append({0x68, value & 255, value >> 8 & 255, value >> 16 & 255, value >> 24});   // push
        if (!wide) append({0x67});
        append(opcode);
        append({0x04 | field << 3, 0x24});
        if (!wide) append({0x66});
        append({0x58});                                                                   // pop eax
    };
    // The same with an operand at a small distance from ESI.
    const auto near = [&](std::initializer_list<unsigned> opcode, unsigned field) {
        append(opcode);
        append({0x40 | field << 3 | (wide ? 6u : 4u), dice_.below(8) * 16});
    };
    const auto load = [&] {
        switch (dice_.below(4)) {
            case 0: append({0xd9, 0xe8 + dice_.below(7)}); break;                         // a constant
            case 1: near({0xdd}, 0); break;
            case 2: near({dice_.one_in(2) ? 0xd9u : 0xdfu}, 0); break;
            default: with(0x3f000000 + (dice_.word() & 0x81ffffff), {0xd9}, 0); break;      // FLD of something between 1/2 and 16
        }
    };
    if (dice_.one_in(2)) {
        // A pointer to numbers again, after what the rest of the program did to it.
        static constexpr std::array<u8, 4> pointers{Ebx, Ebp, Esi, Edi};
        append({0xb8u + pointers[dice_.below(4)]});
        const u32 at = (wide ? data_at : 0) + 16 * dice_.below(0x700);
        for (unsigned n = 0; n < (wide ? 4u : 2u); ++n) append({at >> 8 * n & 255});
    }
    switch (dice_.below(9)) {
        case 0: append({0xdb, 0xe2}); break;                                              // FNCLEX
        case 1: case 8: if (vectors) with(0x1f80 | dice_.below(8) << 13, {0x0f, 0xae}, 2); break; // LDMXCSR: nothing happened yet
        case 2:
            if (!dice_.one_in(3)) break;
            if (vectors && dice_.one_in(2)) {
                with(dice_.word() & 0x1f80, {0x0f, 0xae}, 2);                             // some unmasked
            } else {
                with(dice_.one_in(2) ? 0x35f : (dice_.word() & 0xf3f) | 0x40, {0xd9}, 5);
                append({0xd9, 0xeb, 0xd9, 0xfa, 0xdd, 0xd8});                             // FLDPI, FSQRT, which is not exact, FSTP ST(0)
            }
            break;
        case 3: with(0x37f | dice_.below(16) << 8, {0xd9}, 5); break;                     // all masked, any precision and direction
        case 4: case 5: case 6: {                                                         // functions, on a stack with room
            if (dice_.one_in(2)) append({0xdb, 0xe2});
            if (dice_.one_in(2)) append({0xdd, 0xc0 + dice_.below(8)});                    // FFREE
            if (dice_.one_in(2)) append({0xdb, 0xe3});
            const unsigned loads = dice_.one_in(12) ? 8 : dice_.one_in(8) ? 1 : 2;         // no room, too little, enough
            for (unsigned n = 0; n < loads; ++n) load();
            if (dice_.one_in(6)) append({0xd9, 0xe5});                                    // FXAM: C2 of most numbers
            append({0xd9, 0xf0 + dice_.below(16)});
            if (dice_.one_in(2)) append({0xdd, 0xd8});                                    // FSTP ST(0)
            break;
        }
        default: break;
    }
    if (dice_.one_in(3)) {
        // A walk along numbers: the register of the last operand has moved on where the next may turn out not to be there.
        near({0xdd}, 0);
        append({0x83, 0xc6, 8});                                                          // add esi, 8
        append({0xdc, 0x80 | dice_.below(8) << 3 | (wide ? 7u : 5u), dice_.below(256), dice_.below(256)});
        if (wide) append({dice_.one_in(2) ? 0 : dice_.below(256), 0});
    }
    if ((setting_ == Setting::Real || setting_ == Setting::V86) && dice_.one_in(4)) {
        // Another DS or ES, while the segment of the last operand is still to be told.
        near({0xdd}, 2 + dice_.below(2));
        append({0xb8, dice_.below(256), 0x20 + dice_.below(16), 0x8e, dice_.one_in(4) ? 0xc0u : 0xd8u});
        near({0xd9}, 6);
    }
    switch (dice_.below(6)) {
        case 0: near({0xd9}, 6); break;                                                   // FNSTENV
        case 1: near({0xdd}, 7); break;                                                   // FNSTSW
        case 2: if (vectors) near({0x0f, 0xae}, 3); break;                                // STMXCSR
        case 3: if (cpu.at_least(CpuModel::Pentium2)) near({0x0f, 0xae}, 0); break;       // FXSAVE
        case 4: append({0xdf, 0xe0}); break;                                              // FNSTSW AX
        default: break;
    }
}

void World::append_unit_instruction(std::vector<u8>& bytes) {
    if (dice_.one_in(4)) return append_unit_idiom(bytes);
    static const RandomInstruction x87{newest_decoder(), of_x87, 0x8000}, vectors{newest_decoder(), of_vectors, 0x8000};
    const bool stack = mix_ == 0 || !cpu.at_least(CpuModel::Pentium2) || (mix_ == 2 && dice_.one_in(2));
    const RandomInstruction& from = stack ? x87 : vectors;
    const auto available = [&](const Row& row) { return (features_of(cpu.model()) & feature(row.since)) != 0; };
    const auto any = [&]() -> const Row& { return rows[from.rows_in_use()[dice_.below(static_cast<u32>(from.rows_in_use().size()))]]; };
    const Row* rolled_row = &any();
    if (!stack && dice_.one_in(2))
        for (unsigned tries = 0; tries < 20 && !(computes(*rolled_row) && available(*rolled_row)); ++tries) rolled_row = &any();
    const Row& row = *rolled_row;
    const auto has = [&](Form form) { return std::ranges::find(row.operands, form) != row.operands.end(); };
    const bool control = row.op >= Op::Fldenv && row.op <= Op::Fnsetpm && row.op != Op::Fnstsw && row.op != Op::Fnstcw;
    if (!available(row) || (control && !dice_.one_in(8))) return;
    if (computes(row) && dice_.one_in(2)) {
        if (row.prefix) bytes.push_back(row.prefix);
        for (const unsigned byte : {0x0fu, row.opcode & 0xffu, 0xc0 | dice_.below(64)}) bytes.push_back(static_cast<u8>(byte));
        if (has(Form::Ib)) bytes.push_back(static_cast<u8>(dice_.word()));
        return;
    }
    if (!dice_.one_in(6) && !(row.kind & kind::reg_only) && row.modrm < 0 && has_modrm(row) && !has(Form::Ux) && !has(Form::Nq)) {
        // Memory at small distances from a register, aligned mostly.
        static constexpr std::array<u8, 4> bases32{3, 5, 6, 7}, bases16{4, 5, 6, 7};
        const unsigned base = (code32() ? bases32 : bases16)[dice_.below(4)], map = row.opcode >> 8;
        if (row.prefix) bytes.push_back(row.prefix);
        if (map) bytes.push_back(0x0f);
        if (map == 0x38 || map == 0x3a) bytes.push_back(static_cast<u8>(map));
        bytes.push_back(static_cast<u8>(row.opcode));
        bytes.push_back(static_cast<u8>(0x40 | (row.reg >= 0 ? static_cast<unsigned>(row.reg) : dice_.below(8)) << 3 | base));
        bytes.push_back(static_cast<u8>(dice_.one_in(4) ? dice_.below(256) : dice_.below(8) * 16));
        if (has(Form::Ib)) bytes.push_back(static_cast<u8>(dice_.word()));
        return;
    }
    RandomInstruction::Rolled rolled;
    if (from.roll(dice_, code32(), static_cast<u16>(&row - rows.data()), rolled)) bytes.insert(bytes.end(), rolled.bytes.begin(), rolled.bytes.begin() + rolled.length);
}

// The first megabyte, some pages read-only or absent; the code, the tables and ring 0's stack are always there.
void World::fill_page_table() {
    for (u32 n = 0; n < 1024; ++n) put32(directory_at + n * 4, n == 0 ? table_at | 7 : 0);
    const auto within = [](u32 page, u32 from, u32 to) { return page >= from >> 12 && page < (to + 0xfff) >> 12; };
    for (u32 n = 0; n < 1024; ++n) {
        const bool needed = within(n, code_at, code_at + pager_at + 0x100) || n >= tables_at >> 12 || (!ring3() && within(n, data_at + 0x6000, data_at + 0x9000));
        const u32 frame = needed || dice_.one_in(2) ? n & 0xff : dice_.below(0x80);
        const bool absent = !needed && dice_.one_in(8), writable = needed || !dice_.one_in(4), away = ring3() && !needed;
        put32(table_at + n * 4, frame << 12 | (absent || away ? 0u : 1u) | (writable ? 2u : 0u) | 4u | (away && !absent ? 0x200u : 0u));
    }
}

void World::enter_protected_mode() {
    const bool based = setting_ == Setting::Based || setting_ == Setting::Protected16, small = setting_ == Setting::Protected16;
    const u32 gdt = tables_at, idt = tables_at + 0x1000, base = based ? code_at : 0;
    const auto descriptor = [&](u32 at, u64 linear, u64 limit, u64 access, u64 attributes) {
        put64(gdt + at, (limit & 0xffff) | (linear & 0xffffff) << 16 | access << 40 | (limit >> 16 & 15) << 48 | attributes << 52 | (linear >> 24) << 56);
    };
    const u64 attributes = small ? 0 : based ? 4 : 12;
    put64(gdt, 0);
    descriptor(0x08, base, based ? 0x1ffff : 0xfffff, 0x9b, attributes);
    descriptor(0x10, small ? data_at : 0, 0xfffff, 0x93, small ? 0 : 12);
    descriptor(0x18, 0, based ? 0x3ffff : 0xfffff, 0x93, attributes);
    descriptor(0x20, 0, 0xfffff, 0xfb, 12);
    descriptor(0x28, 0, 0xfffff, 0xf3, 12);
    descriptor(0x30, tss_at, 0x67, 0x8b, 0);
    for (u32 vector = 0; vector < 256; ++vector) {
        const bool pager = ring3() && vector == 14;
        const u32 offset = (based ? 0 : code_at) + (pager ? pager_at : handlers_at + handler_size * (vector % handlers));
        put64(idt + vector * 8, (u64{offset} & 0xffff) | u64{0x08} << 16 | (small ? u64{0x8600} : vector == 0x80 ? u64{0xee00} : u64{0x8e00}) << 32 | (u64{offset} >> 16) << 48);
    }
    cpu.state.gdtr = {gdt, 0x37};
    cpu.state.idtr = {idt, 0x7ff};
    if (paged()) {
        fill_page_table();
        cpu.state.cr3 = directory_at;
        cpu.state.cr0 |= cr0::PG | cr0::WP;
    }
    if (ring3()) {
        put32(tss_at + 4, ring0_stack);
        put32(tss_at + 8, 0x10);
        put32(tss_at + 100, 0x680000);   // no port map: ports are ring 0's and IOPL's
        fill_pager();
        cpu.state.tr = {.selector = 0x30, .base = tss_at, .limit = 0x67, .attributes = 0x8b};
    }
    cpu.state.cr0 |= cr0::PE;
    cpu.restored();
    const u16 data = setting_ == Setting::User ? 0x2b : 0x10;
    for (const unsigned segment : {0u, 3u, 4u, 5u}) static_cast<void>(cpu.load_segment(segment, segment == 3 || segment == 4 ? (data == 0x2b ? 0x2b : 0x18) : data));
    static_cast<void>(cpu.load_segment(2, 0x10));
    SegmentRegister cs;
    cs.selector = 0x08;
    cs.base = base;
    cs.limit = based ? 0x1ffff : 0xffffffff;
    cs.attributes = static_cast<u16>(attributes << 12 | 0x9b);
    cpu.put_segment(1, cs);
    cpu.fault = {};
    // Ring 3 is reached as after every fault: through a handler.
    cpu.state.gpr[Esp] = ring3() ? ring0_stack : (small ? 0 : data_at) + 0x8000 + dice_.below(0x100);
    cpu.state.eip = (based ? 0 : code_at) + (ring3() ? handlers_at : 0);
}

}  // namespace retrace::test
