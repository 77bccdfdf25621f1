#include "core/base/bits.hpp"
#include "core/semantics/simd.hpp"
#include "core/semantics/simd_operand.hpp"

namespace retrace::simd {
namespace {

// ---- whole registers

template <unsigned n>
void load_vector(Cpu& cpu, const Instruction& i) {
    Vector<n> value;
    if (!ready<n>(cpu) || !source(cpu, i, value)) return;
    if (n == 8) enter_mmx(cpu);
    set(cpu, i.reg, value);
}

template <unsigned n>
void store_vector(Cpu& cpu, const Instruction& i) {
    if (!ready<n>(cpu)) return;
    const Vector<n> value = get<n>(cpu, i.reg);
    if (i.has(Instruction::memory)) {
        if (!write_memory(cpu, i, value)) return;
    } else {
        set(cpu, i.rm, value);
    }
    if (n == 8) enter_mmx(cpu);
}

void load_unaligned(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu)) return;
    Vector16 value;
    if (!i.has(Instruction::memory))
        value = get<16>(cpu, i.rm);
    else if (!read_unaligned(cpu, i, value))
        return;
    set(cpu, i.reg, value);
}

void store_unaligned(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu)) return;
    const Vector16 value = get<16>(cpu, i.reg);
    if (i.has(Instruction::memory))
        static_cast<void>(write_unaligned(cpu, i, value));
    else
        set(cpu, i.rm, value);
}

// ---- parts of XMM registers

// MOVSS, MOVSD: from memory the rest becomes 0, between registers it stays.
template <class T>
void load_low(Cpu& cpu, const Instruction& i) {
    T value = 0;
    if (!sse_ready(cpu) || !scalar_source(cpu, i, value)) return;
    auto whole = i.has(Instruction::memory) ? std::array<T, 16 / sizeof(T)>{} : lanes<T>(get<16>(cpu, i.reg));
    whole[0] = value;
    set(cpu, i.reg, vector_of(whole));
}

template <class T>
void store_low(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu)) return;
    const T value = lanes<T>(get<16>(cpu, i.reg))[0];
    if (i.has(Instruction::memory)) {
        static_cast<void>(cpu.write(i.segment, cpu.offset_of(i), value));
        return;
    }
    auto whole = lanes<T>(get<16>(cpu, i.rm));
    whole[0] = value;
    set(cpu, i.rm, vector_of(whole));
}

// MOVQ: the upper half always becomes 0.
void load_quadword(Cpu& cpu, const Instruction& i) {
    u64 value = 0;
    if (sse_ready(cpu) && scalar_source(cpu, i, value)) set(cpu, i.reg, vector_of(std::array<u64, 2>{value, 0}));
}
void store_quadword(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu)) return;
    const u64 value = lanes<u64>(get<16>(cpu, i.reg))[0];
    if (i.has(Instruction::memory))
        static_cast<void>(cpu.write(i.segment, cpu.offset_of(i), value));
    else
        set(cpu, i.rm, vector_of(std::array<u64, 2>{value, 0}));
}

// MOVLPS, MOVHPS and their kin; in MOVHLPS and MOVLHPS the other half of a register is what memory would be.
template <unsigned half>
void load_half(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu)) return;
    u64 value = lanes<u64>(get<16>(cpu, i.rm))[1 - half];
    if (i.has(Instruction::memory) && !cpu.read(i.segment, cpu.offset_of(i), value)) return;
    auto whole = lanes<u64>(get<16>(cpu, i.reg));
    whole[half] = value;
    set(cpu, i.reg, vector_of(whole));
}
template <unsigned half>
void store_half(Cpu& cpu, const Instruction& i) {
    if (sse_ready(cpu)) static_cast<void>(cpu.write(i.segment, cpu.offset_of(i), lanes<u64>(get<16>(cpu, i.reg))[half]));
}

void duplicate_low_double(Cpu& cpu, const Instruction& i) {
    u64 value = 0;
    if (sse_ready(cpu) && scalar_source(cpu, i, value)) set(cpu, i.reg, vector_of(std::array{value, value}));
}
template <unsigned first>
void duplicate_singles(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    const auto y = lanes<u32>(from);
    set(cpu, i.reg, vector_of(std::array{y[first], y[first], y[first + 2], y[first + 2]}));
}

// ---- between the register files

[[nodiscard]] bool read_doubleword(Cpu& cpu, const Instruction& i, u32& value) {
    if (i.has(Instruction::memory)) return cpu.read(i.segment, cpu.offset_of(i), value);
    value = cpu.state.gpr[i.rm];
    return true;
}

template <unsigned n>
void load_doubleword(Cpu& cpu, const Instruction& i) {
    u32 value = 0;
    if (!ready<n>(cpu) || !read_doubleword(cpu, i, value)) return;
    if (n == 8) enter_mmx(cpu);
    std::array<u64, n / 8> whole{};
    whole[0] = value;
    set(cpu, i.reg, vector_of(whole));
}

template <unsigned n>
void store_doubleword(Cpu& cpu, const Instruction& i) {
    if (!ready<n>(cpu)) return;
    const u32 value = lanes<u32>(get<n>(cpu, i.reg))[0];
    if (i.has(Instruction::memory)) {
        if (!cpu.write(i.segment, cpu.offset_of(i), value)) return;
    } else {
        cpu.state.gpr[i.rm] = value;
    }
    if (n == 8) enter_mmx(cpu);
}

void from_mmx(Cpu& cpu, const Instruction& i) {  // MOVQ2DQ
    if (!sse_ready(cpu) || !mmx_ready(cpu)) return;
    enter_mmx(cpu);
    set(cpu, i.reg, vector_of(std::array<u64, 2>{cpu.state.fpu.physical[i.rm].significand, 0}));
}
void to_mmx(Cpu& cpu, const Instruction& i) {  // MOVDQ2Q
    if (!sse_ready(cpu) || !mmx_ready(cpu)) return;
    enter_mmx(cpu);
    set(cpu, i.reg, std::bit_cast<Vector8>(lanes<u64>(get<16>(cpu, i.rm))[0]));
}

void store_general(Cpu& cpu, const Instruction& i) {  // MOVNTI
    static_cast<void>(cpu.write(i.segment, cpu.offset_of(i), cpu.state.gpr[i.reg]));
}

// ---- single numbers in and out

template <unsigned n, class T>
void insert(Cpu& cpu, const Instruction& i) {
    if (!ready<n>(cpu)) return;
    T value = static_cast<T>(cpu.state.gpr[i.rm]);
    if (i.has(Instruction::memory) && !cpu.read(i.segment, cpu.offset_of(i), value)) return;
    if (n == 8) enter_mmx(cpu);
    auto whole = lanes<T>(get<n>(cpu, i.reg));
    whole[i.immediate & (whole.size() - 1)] = value;
    set(cpu, i.reg, vector_of(whole));
}

// PEXTRB, PEXTRW (SSE4.1), PEXTRD, EXTRACTPS: to memory as they are, to a register with zeros.
template <class T>
void extract(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu)) return;
    const auto whole = lanes<T>(get<16>(cpu, i.reg));
    const T value = whole[i.immediate & (whole.size() - 1)];
    if (i.has(Instruction::memory))
        static_cast<void>(cpu.write(i.segment, cpu.offset_of(i), value));
    else
        cpu.state.gpr[i.rm] = value;
}

// PEXTRW r32, mm or xmm: the older encoding, source in rm.
template <unsigned n>
void extract_word(Cpu& cpu, const Instruction& i) {
    if (!ready<n>(cpu)) return;
    if (n == 8) enter_mmx(cpu);
    const auto whole = lanes<u16>(get<n>(cpu, i.rm));
    cpu.state.gpr[i.reg] = whole[i.immediate & (whole.size() - 1)];
}

// INSERTPS: which of the source, where to, which are cleared.
void insert_single(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu)) return;
    u32 value = lanes<u32>(get<16>(cpu, i.rm))[i.immediate >> 6 & 3];
    if (i.has(Instruction::memory) && !cpu.read(i.segment, cpu.offset_of(i), value)) return;
    auto whole = lanes<u32>(get<16>(cpu, i.reg));
    whole[i.immediate >> 4 & 3] = value;
    for (std::size_t k = 0; k < 4; ++k)
        if ((i.immediate >> k & 1) != 0) whole[k] = 0;
    set(cpu, i.reg, vector_of(whole));
}

// The sign bits of all numbers, to a general register.
template <unsigned n, class T>
void signs(Cpu& cpu, const Instruction& i) {
    if (!ready<n>(cpu)) return;
    if (n == 8) enter_mmx(cpu);
    const auto whole = lanes<T>(get<n>(cpu, i.rm));
    u32 mask = 0;
    for (std::size_t k = 0; k < whole.size(); ++k) mask |= static_cast<u32>(whole[k] >> (8 * sizeof(T) - 1)) << k;
    cpu.state.gpr[i.reg] = mask;
}

// MASKMOVQ, MASKMOVDQU: bytes whose mask has its top bit go to DS:(E)DI (or another segment).
template <unsigned n>
void store_masked(Cpu& cpu, const Instruction& i) {
    if (!ready<n>(cpu)) return;
    const Vector<n> value = get<n>(cpu, i.reg), mask = get<n>(cpu, i.rm);
    // All or nothing. The operand goes in pieces of eight bytes, the upper first; each must be accessible as a whole, whatever is selected. Offsets wrap
    // between them. (Found on an Intel Core; the manual leaves it to the implementation.)
    const auto offset = [&](u32 k) { return ((cpu.state.gpr[Edi] + k / 8 * 8) & i.address_mask()) + k % 8; };
    for (u32 k = n; k > 0; k -= 8)
        if (!cpu.check_write(i.segment, offset(k - 8), 8)) return;
    if (n == 8) enter_mmx(cpu);
    for (u32 k = 0; k < n; ++k)
        if ((mask.bytes[k] & 0x80) != 0 && !cpu.write(i.segment, offset(k), value.bytes[k])) return;
}

// ---- state

void empty_mmx(Cpu& cpu, const Instruction&) {  // EMMS
    if (!mmx_ready(cpu)) return;
    cpu.state.fpu.set_top(0);
    cpu.state.fpu.occupied = 0;
}

// DAZ came with the Pentium 4.
u32 mxcsr_mask(const Cpu& cpu) { return cpu.at_least(CpuModel::Pentium4) ? 0xffff : 0xffbf; }

void load_mxcsr(Cpu& cpu, const Instruction& i) {
    u32 value = 0;
    if (!sse_ready(cpu) || !cpu.read(i.segment, cpu.offset_of(i), value)) return;
    if ((value & ~mxcsr_mask(cpu)) != 0) {
        cpu.raise(vector::GP, 0);
        return;
    }
    cpu.state.sse.mxcsr = value;
}

void store_mxcsr(Cpu& cpu, const Instruction& i) {
    if (sse_ready(cpu)) static_cast<void>(cpu.write(i.segment, cpu.offset_of(i), cpu.state.sse.mxcsr));
}

// SDM volume 1, table 10-2. With CR4.OSFXSR clear the SSE part is left alone.
void save_state(Cpu& cpu, const Instruction& i) {
    if (!x87::available(cpu)) return;
    const u32 offset = cpu.offset_of(i);
    if (!check_alignment(cpu, i, offset) || !cpu.check_write(i.segment, offset, 512)) return;
    std::array<u8, 512> image{};
    if (!cpu.read_bytes(i.segment, offset, image, 1)) return;  // reserved bytes stay as they are
    const FpuState& fpu = cpu.state.fpu;
    store<u16>(&image[0], fpu.control);
    store<u16>(&image[2], fpu.status);
    u32 tags = 0;  // by physical number, like the full tag word
    for (unsigned at = 0; at < 8; ++at) tags |= (fpu.occupied >> at & 1u) << at;
    store<u16>(&image[4], static_cast<u16>(tags));
    store<u16>(&image[6], fpu.opcode);
    store<u32>(&image[8], fpu.instruction_offset);
    store<u32>(&image[12], fpu.instruction_selector);
    store<u32>(&image[16], fpu.operand_offset);
    store<u32>(&image[20], fpu.operand_selector);
    for (unsigned at = 0; at < 8; ++at) {
        store<u64>(&image[38 + 16 * at - 6], 0);
        store<u64>(&image[40 + 16 * at], 0);
        x87::put_register(std::span{image}.subspan(32 + 16 * at, 10), fpu.st(at));
    }
    unsigned size = 160;
    if (cpu.at_least(CpuModel::Pentium3)) {
        store<u32>(&image[24], cpu.state.sse.mxcsr);
        store<u32>(&image[28], mxcsr_mask(cpu));
        if ((cpu.state.cr4 & cr4::OSFXSR) != 0) {
            for (unsigned at = 0; at < 8; ++at)
                std::memcpy(&image[160 + 16 * at], cpu.state.sse.xmm[at].words.data(), 16);
            size = 288;
        }
    }
    static_cast<void>(cpu.write_bytes(i.segment, offset, std::span{image}.first(size), 1));
}

void restore_state(Cpu& cpu, const Instruction& i) {
    if (!x87::available(cpu)) return;
    const u32 offset = cpu.offset_of(i);
    if (!check_alignment(cpu, i, offset)) return;
    std::array<u8, 512> image;
    if (!cpu.read_bytes(i.segment, offset, image, 1)) return;
    const bool sse = cpu.at_least(CpuModel::Pentium3) && (cpu.state.cr4 & cr4::OSFXSR) != 0;
    const u32 mxcsr = load<u32>(&image[24]);
    if (sse && (mxcsr & ~mxcsr_mask(cpu)) != 0) {
        cpu.raise(vector::GP, 0);
        return;
    }
    FpuState& fpu = cpu.state.fpu;
    fpu.control = static_cast<u16>((load<u16>(&image[0]) & x87::writable_control) | 0x40);
    fpu.status = load<u16>(&image[2]);
    fpu.occupied = image[4];
    fpu.opcode = load<u16>(&image[6]) & 0x7ff;
    fpu.instruction_offset = load<u32>(&image[8]);
    fpu.instruction_selector = load<u16>(&image[12]);
    fpu.operand_offset = load<u32>(&image[16]);
    fpu.operand_selector = load<u16>(&image[20]);
    for (unsigned at = 0; at < 8; ++at)
        fpu.physical[(fpu.top() + at) & 7] = x87::get_register(std::span{image}.subspan(32 + 16 * at, 10));
    x87::update_summary(cpu);
    if (!sse) return;
    cpu.state.sse.mxcsr = mxcsr;
    for (unsigned at = 0; at < 8; ++at) std::memcpy(cpu.state.sse.xmm[at].words.data(), &image[160 + 16 * at], 16);
}

}  // namespace

Executor move_executor(const Row& row) {
    const Form to = row.operands[0], from = row.operands[1];
    const bool loads = to == Form::Vx || to == Form::Pq;
    switch (row.op) {
        case Op::Movups:
        case Op::Movupd:
        case Op::Movdqu: return loads ? load_unaligned : store_unaligned;
        case Op::Lddqu: return load_unaligned;
        case Op::Movaps:
        case Op::Movapd:
        case Op::Movdqa: return loads ? load_vector<16> : store_vector<16>;
        case Op::Movntdqa: return load_vector<16>;
        case Op::Movntps:
        case Op::Movntpd:
        case Op::Movntdq: return store_vector<16>;
        case Op::Movntq: return store_vector<8>;
        case Op::Movnti: return store_general;
        case Op::Movq:
            if (to == Form::Pq) return load_vector<8>;
            if (from == Form::Pq) return store_vector<8>;
            return loads ? load_quadword : store_quadword;
        case Op::Movss: return loads ? load_low<u32> : store_low<u32>;
        // The string instruction has another name in the table.
        case Op::Movsd: return loads ? load_low<u64> : store_low<u64>;
        case Op::Movlps:
        case Op::Movlpd: return loads ? load_half<0> : store_half<0>;
        case Op::Movhps:
        case Op::Movhpd: return loads ? load_half<1> : store_half<1>;
        case Op::Movhlps: return load_half<0>;
        case Op::Movlhps: return load_half<1>;
        case Op::Movddup: return duplicate_low_double;
        case Op::Movsldup: return duplicate_singles<0>;
        case Op::Movshdup: return duplicate_singles<1>;
        case Op::Movd:
            if (to == Form::Ed) return from == Form::Pq ? store_doubleword<8> : store_doubleword<16>;
            return to == Form::Pq ? load_doubleword<8> : load_doubleword<16>;
        case Op::Movq2dq: return from_mmx;
        case Op::Movdq2q: return to_mmx;
        case Op::Maskmovq: return store_masked<8>;
        case Op::Maskmovdqu: return store_masked<16>;
        case Op::Pinsrb: return insert<16, u8>;
        case Op::Pinsrw: return to == Form::Pq ? insert<8, u16> : insert<16, u16>;
        case Op::Pinsrd: return insert<16, u32>;
        case Op::Pextrb: return extract<u8>;
        case Op::Pextrw:
            if (to == Form::Gd) return from == Form::Nq ? extract_word<8> : extract_word<16>;
            return extract<u16>;
        case Op::Pextrd:
        case Op::Extractps: return extract<u32>;
        case Op::Insertps: return insert_single;
        case Op::Pmovmskb: return from == Form::Nq ? signs<8, u8> : signs<16, u8>;
        case Op::Movmskps: return signs<16, u32>;
        case Op::Movmskpd: return signs<16, u64>;
        case Op::Emms: return empty_mmx;
        case Op::Ldmxcsr: return load_mxcsr;
        case Op::Stmxcsr: return store_mxcsr;
        case Op::Fxsave: return save_state;
        case Op::Fxrstor: return restore_state;
        default: return nullptr;
    }
}

}  // namespace retrace::simd
