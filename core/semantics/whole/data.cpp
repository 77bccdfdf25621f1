// Segment registers, far pointers, stack frames, exchanges with compare. SDM volume 2.
#include "core/cpu/stack_frame.hpp"
#include "core/semantics/status.hpp"
#include "core/semantics/whole/operand.hpp"
#include "core/semantics/whole/status.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

constexpr unsigned cs = 1, ss = 2, fs = 4, gs = 5;

// The segment register that PUSH, POP and LxS name in their opcode.
unsigned pushed_segment(u8 opcode) {
    switch (opcode) {
        case 0xa0: case 0xa1: return fs;
        case 0xa8: case 0xa9: return gs;
        default: return opcode >> 3 & 3u;
    }
}
unsigned pointer_segment(u8 opcode) {
    switch (opcode) {
        case 0xc4: return 0;
        case 0xc5: return 3;
        case 0xb2: return ss;
        case 0xb4: return fs;
        default: return gs;
    }
}

// MOV and POP to SS hold interrupts off until the next instruction is done; LSS, which loads both halves, need not. The 8086 does so for
// every segment register.
void after_load(Cpu& cpu, unsigned segment) {
    if (segment != ss && cpu.model() != CpuModel::I8086) return;
    cpu.state.shadow = Shadow::StackSegment;
    cpu.update_attention();
}

}  // namespace

bool mov_from_segment(Cpu& cpu, I i) {
    return write_rm(cpu, i, i.has(Instruction::memory) ? 2 : i.operand_width, cpu.state.segment[i.reg].selector);
}

bool mov_to_segment(Cpu& cpu, I i) {
    u32 selector = 0;
    if (!read_rm(cpu, i, 2, selector)) return false;
    if (i.reg == cs) cpu.set_real_segment(cs, static_cast<u16>(selector));  // the 8086 alone decodes this
    else if (!cpu.load_segment(i.reg, static_cast<u16>(selector))) return false;
    after_load(cpu, i.reg);
    return true;
}

// With 32-bit operands the stack moves by four bytes and two of them are accessed.
bool push_segment(Cpu& cpu, I i) {
    const u32 offset = (cpu.state.gpr[Esp] - i.operand_width) & cpu.stack_mask();
    if (!write_memory(cpu, ss, offset, 2, cpu.state.segment[pushed_segment(i.opcode)].selector)) return false;
    cpu.set_esp(offset);
    return true;
}

bool pop_segment(Cpu& cpu, I i) {
    const unsigned segment = pushed_segment(i.opcode);
    u32 selector = 0;
    if (!read_memory(cpu, ss, cpu.esp(), 2, selector)) return false;
    const u32 mask = cpu.stack_mask(), old = cpu.state.gpr[Esp];
    if (segment == cs) cpu.set_real_segment(cs, static_cast<u16>(selector));
    else if (!cpu.load_segment(segment, static_cast<u16>(selector))) return false;
    cpu.state.gpr[Esp] = (old & ~mask) | ((old + i.operand_width) & mask);
    after_load(cpu, segment);
    return true;
}

// CLFLUSH: there are no caches to flush, but it faults as a load of a byte does.
bool flush_line(Cpu& cpu, I i) {
    u32 value = 0;
    return read_rm(cpu, i, 1, value);
}

bool load_far_pointer(Cpu& cpu, I i) {
    const u32 at = cpu.offset_of(i);
    u32 offset = 0, selector = 0;
    if (!read_memory(cpu, i.segment, at, i.operand_width, offset)) return false;
    if (!read_memory(cpu, i.segment, (at + i.operand_width) & i.address_mask(), 2, selector)) return false;
    const unsigned segment = pointer_segment(i.opcode);
    if (!cpu.load_segment(segment, static_cast<u16>(selector))) return false;
    set_register(cpu, i.reg, i.operand_width, offset);
    return true;
}

bool xlat(Cpu& cpu, I i) {
    u8 value = 0;
    if (!cpu.read<u8>(i.segment, (cpu.state.gpr[Ebx] + cpu.state.gpr.byte(0)) & i.address_mask(), value)) return false;
    cpu.state.gpr.set_byte(0, value);
    return true;
}

bool push_all(Cpu& cpu, I i) {
    StackFrame frame{cpu, i.operand_width};
    for (unsigned index = 0; index < 8; ++index)
        if (!frame.push(cpu.state.gpr[index])) return false;
    frame.commit();
    cpu.state.gpr[Esp] = frame.esp();
    return true;
}

bool pop_all(Cpu& cpu, I i) {
    std::array<u32, 8> values{};
    // ESP's place is read, and may fault, but its value is not used.
    for (unsigned at = 0; at < 8; ++at)
        if (!read_memory(cpu, ss, (cpu.state.gpr[Esp] + at * i.operand_width) & cpu.stack_mask(), i.operand_width, values[7 - at])) return false;
    for (unsigned index = 0; index < 8; ++index)
        if (index != Esp) set_register(cpu, index, i.operand_width, values[index]);
    cpu.set_esp(cpu.state.gpr[Esp] + 8u * i.operand_width);
    return true;
}

bool enter(Cpu& cpu, I i) {
    const unsigned width = i.operand_width, level = i.immediate2 & 31;
    const u32 mask = cpu.stack_mask(), top = cpu.state.gpr[Esp];
    StackFrame frame{cpu, width};
    std::array<u32, 32> pushed{};
    unsigned count = 0;
    const auto push = [&](u32 value) {
        pushed[count++] = value;
        return frame.push(value);
    };
    // Outer frame pointers are read after what was pushed before them, and may lie there.
    const auto read = [&](u32 offset, u32& value) {
        if (!read_memory(cpu, ss, offset & mask, width, value)) return false;
        for (unsigned at = 0; at < width; ++at) {
            const u32 below = (top - 1 - (offset + at)) & mask;
            if (below >= count * width) continue;
            const u32 byte = pushed[below / width] >> 8 * (width - 1 - below % width) & 0xff;
            value = (value & ~(u32{0xff} << 8 * at)) | byte << 8 * at;
        }
        return true;
    };
    if (!push(cpu.state.gpr[Ebp])) return false;
    const u32 pointer = top - width;  // all of ESP, even where the stack is 16 bits wide
    u32 from = cpu.state.gpr[Ebp];
    for (unsigned at = 1; at < level; ++at) {
        from -= width;
        u32 value = 0;
        if (!read(from, value) || !push(value)) return false;
    }
    if (level > 0 && !push(pointer)) return false;
    const u32 esp = (frame.esp() & ~mask) | ((frame.esp() - i.immediate) & mask);
    if (!cpu.check_write(ss, esp & mask, width)) return false;
    frame.commit();
    cpu.state.gpr[Esp] = esp;
    set_register(cpu, Ebp, width, pointer);
    return true;
}

bool leave(Cpu& cpu, I i) {
    const u32 frame = cpu.state.gpr[Ebp];
    u32 value = 0;
    if (!read_memory(cpu, ss, frame & cpu.stack_mask(), i.operand_width, value)) return false;
    cpu.set_esp(frame + i.operand_width);
    set_register(cpu, Ebp, i.operand_width, value);
    return true;
}

// An address with ESP in it is worked out after the pop.
bool pop_memory(Cpu& cpu, I i) {
    const u32 old = cpu.state.gpr[Esp];
    u32 value = 0;
    if (!pop(cpu, i.operand_width, value)) return false;
    if (write_rm(cpu, i, i.operand_width, value)) return true;
    cpu.state.gpr[Esp] = old;
    return false;
}

bool movbe(Cpu& cpu, I i) {
    const auto swapped = [&](u32 value) { return i.operand_width == 4 ? __builtin_bswap32(value) : __builtin_bswap16(static_cast<u16>(value)); };
    if (i.opcode == 0xf1) return write_rm(cpu, i, i.operand_width, swapped(get_register(cpu, i.reg, i.operand_width)));
    u32 value = 0;
    if (!read_rm(cpu, i, i.operand_width, value)) return false;
    set_register(cpu, i.reg, i.operand_width, swapped(value));
    return true;
}

// Of a 16-bit register it makes 0 on every chip, whatever the manual leaves open.
bool bswap(Cpu& cpu, I i) {
    set_register(cpu, i.rm, i.operand_width, i.operand_width == 4 ? __builtin_bswap32(cpu.state.gpr[i.rm]) : 0);
    return true;
}

bool cmpxchg(Cpu& cpu, I i) {
    const unsigned width = i.operand_width;
    ModifiedOperand operand{cpu, i, width};
    u32 old = 0;
    if (!operand.read(old)) return false;
    const u32 expected = get_register(cpu, Eax, width), replacement = get_register(cpu, i.reg, width);
    operand.write(expected == old ? replacement : old);
    if (expected != old) set_register(cpu, Eax, width, old);
    by_width(width, [&](auto word) {
        using W = decltype(word);
        const W a{expected}, b{old};
        set_status(cpu, after_subtract(a, b, a - b));
    });
    return true;
}

bool xadd(Cpu& cpu, I i) {
    const unsigned width = i.operand_width;
    ModifiedOperand operand{cpu, i, width};
    u32 old = 0;
    if (!operand.read(old)) return false;
    const u32 addend = get_register(cpu, i.reg, width);
    set_register(cpu, i.reg, width, old);
    operand.write(old + addend);
    by_width(width, [&](auto word) {
        using W = decltype(word);
        const W a{old}, b{addend};
        set_status(cpu, after_add(a, b, a + b));
    });
    return true;
}

bool cmpxchg8b(Cpu& cpu, I i) {
    const auto loaded = cpu.modify_slow(i.segment, cpu.offset_of(i), 8);
    if (!loaded.ok) return false;
    auto& gpr = cpu.state.gpr;
    const bool equal = loaded.value == (u64{gpr[Edx]} << 32 | gpr[Eax]);
    cpu.write_back_slow(equal ? u64{gpr[Ecx]} << 32 | gpr[Ebx] : loaded.value);
    if (!equal) {
        gpr[Eax] = static_cast<u32>(loaded.value);
        gpr[Edx] = static_cast<u32>(loaded.value >> 32);
    }
    cpu.flags.set_zf(equal);
    return true;
}

// CBW, CWDE
bool convert_accumulator(Cpu& cpu, I i) {
    auto& gpr = cpu.state.gpr;
    if (i.operand_width == 4) gpr[Eax] = static_cast<u32>(static_cast<i16>(gpr.word(Eax)));
    else gpr.set_word(Eax, static_cast<u16>(static_cast<i8>(gpr.byte(0))));
    return true;
}

// CWD, CDQ
bool convert_to_pair(Cpu& cpu, I i) {
    auto& gpr = cpu.state.gpr;
    if (i.operand_width == 4) gpr[Edx] = gpr[Eax] >> 31 ? ~0u : 0;
    else gpr.set_word(Edx, gpr.word(Eax) >> 15 ? 0xffff : 0);
    return true;
}

}  // namespace retrace::whole
