#include "tools/fuzz/guest_cpu.hpp"

#include <vector>

#include "core/base/bits.hpp"

namespace retrace::fuzz {
namespace {

constexpr u16 present = 0x80, user = 0x60, application = 0x10, available = 0x1000, big = 0x4000, granular = 0x8000;

u64 descriptor(u32 base, u32 limit, u16 attributes) {
    if (limit > 0xfffff) limit >>= 12, attributes |= 0x8000;
    return (u64{limit} & 0xffff) | (u64{base} & 0xffffff) << 16 | u64{attributes & 0xffu} << 40 | (u64{limit} >> 16 & 15) << 48 |
           u64{attributes >> 12 & 15u} << 52 | u64{base >> 24} << 56;
}

u16 attributes_of(unsigned at, const oracle::Segment& segment) {
    const u16 type = at == 1 ? 0x0b : (segment.readonly ? 0x01 : 0x03) | (segment.down ? 0x04 : 0);
    return static_cast<u16>(type | application | user | present | available | (segment.big ? big : 0) | (segment.limit > 0xfffff ? granular : 0));
}

void load_fx(Registers& registers, const u8* fx) {
    FpuState& fpu = registers.fpu;
    fpu.control = load<u16>(fx);
    fpu.status = load<u16>(fx + 2);
    const unsigned top = fpu.status >> 11 & 7;
    fpu.occupied = fx[4];
    for (unsigned at = 0; at < 8; ++at) {
        fpu.physical[(top + at) & 7] = {load<u64>(fx + 32 + 16 * at), load<u16>(fx + 40 + 16 * at)};
    }
    fpu.opcode = fpu.instruction_selector = fpu.operand_selector = 0;
    fpu.instruction_offset = fpu.operand_offset = 0;
    registers.sse.mxcsr = load<u32>(fx + 24);
    for (unsigned at = 0; at < 8; ++at) registers.sse.xmm[at].words = {load<u64>(fx + 160 + 16 * at), load<u64>(fx + 168 + 16 * at)};
}

void store_fx(const Registers& registers, u8* fx) {
    const FpuState& fpu = registers.fpu;
    store<u16>(fx, fpu.control);
    store<u16>(fx + 2, fpu.status);
    fx[4] = fpu.occupied;
    store<u16>(fx + 6, fpu.opcode);
    store<u32>(fx + 8, fpu.instruction_offset);
    store<u32>(fx + 16, fpu.operand_offset);
    store<u32>(fx + 24, registers.sse.mxcsr);
    for (unsigned at = 0; at < 8; ++at)
        for (unsigned half = 0; half < 2; ++half) store<u64>(fx + 160 + 16 * at + 8 * half, registers.sse.xmm[at].words[half]);
    const unsigned top = fpu.status >> 11 & 7;
    for (unsigned at = 0; at < 8; ++at) {
        const auto& value = fpu.physical[(top + at) & 7];
        store<u64>(fx + 32 + 16 * at, value.significand);
        store<u16>(fx + 40 + 16 * at, value.sign_exponent);
    }
}

}  // namespace

GuestCpu::GuestCpu(CpuModel model) : cpu_{memory_, ports_, scheduler_, model}, engine_{cpu_} {
    put(gdt + kernel_code, descriptor(0, 0xffffffff, 0x4000 | present | application | 0x0b));
    put(gdt + kernel_data, descriptor(0, 0xffffffff, 0x4000 | present | application | 0x03));
    put(gdt + tss_selector, descriptor(tss, 0x67, present | 0x0b));
    put(gdt + ldt_table_selector, descriptor(ldt, 7 * 8 - 1, present | 0x02));
    for (u32 vector = 0; vector < 256; ++vector) {
        // Level 3 may raise 3, 4 and 80h, as on the host.
        const u16 level = vector == 3 || vector == 4 || vector == 0x80 ? user : u16{0};
        const u32 offset = handlers + vector * handler_bytes;
        put(idt + vector * 8, u64{offset & 0xffff} | u64{kernel_code} << 16 | u64{static_cast<u16>(present | level | 0x0e)} << 40 | u64{offset >> 16} << 48);
    }
    put(tss + 4, fault_stack);
    put(tss + 8, u32{kernel_data});
    put(tss + 0x66, u16{0x68});  // no permission bitmap: no ports
    constexpr u32 present_writable = 3, for_users = 4;
    put(page_directory, u32{0});
    map(oracle::data_base, 0, oracle::data_size, present_writable | for_users);
    map(oracle::code_base, code_page, oracle::code_size, present_writable | for_users);
    map(gdt, gdt, 0x10000, present_writable);
    std::vector<u8> filling(page_size, 0xcc);
    write(code_page, filling);

    cpu_.reset();
    prepared_ = cpu_.registers();
    prepared_.cr0 = (prepared_.cr0 | cr0::PE | cr0::MP | cr0::NE | cr0::AM | cr0::WP | cr0::PG) & ~(cr0::EM | cr0::TS);
    prepared_.cr3 = page_directory;
    prepared_.cr4 |= cr4::OSFXSR | cr4::OSXMMEXCPT;
    prepared_.gdtr = {gdt, 0x27};
    prepared_.idtr = {idt, 0x7ff};
    prepared_.ldtr = {ldt_table_selector, ldt, 7 * 8 - 1, present | 0x02};
    prepared_.tr = {tss_selector, tss, 0x67, present | 0x0b};
    prepared_.cpl = 3;
}

// Whole page tables: every stretch has its own.
void GuestCpu::map(u32 linear, u32 physical, u32 bytes, u32 attributes) {
    put(page_directory + (linear >> 22) * 4, next_page_table_ | 7);
    for (u32 at = 0; at < bytes; at += page_size) put(next_page_table_ + ((linear + at) >> 12 & 1023) * 4, (physical + at) | attributes);
    next_page_table_ += page_size;
}

void GuestCpu::set_segment(unsigned at, const oracle::Segment& segment) {
    const u16 attributes = attributes_of(at, segment);
    const u32 base = segment.base + (at == 1 ? oracle::code_base : oracle::data_base);
    prepared_.segment[at] = {oracle::ldt_selector(at), base, segment.limit, attributes};
    put(ldt + (at + 1) * 8, descriptor(base, segment.limit, attributes));
}

Result GuestCpu::run(const Case& one) {
    for (unsigned at = 0; at < 6; ++at) set_segment(at, one.state.segment[at]);
    std::array<u8, 32> code;
    code.fill(0xcc);
    std::copy_n(one.code.bytes.begin(), one.code.length, code.begin());
    write(code_page + one.state.eip, code);
    for (const Piece& piece : one.patches) write(piece.address, piece.bytes);

    cpu_.state = prepared_;
    for (unsigned at = 0; at < 8; ++at) cpu_.state.gpr[at] = one.state.gpr[at];
    cpu_.state.eip = one.state.eip;
    cpu_.set_eflags(one.state.eflags);
    load_fx(cpu_.state, one.state.fx);
    cpu_.restored();

    // A REP string is done when it has moved on or failed.
    for (unsigned steps = 0; steps < 70'000; ++steps) {
        engine_.run({scheduler_.now().step + 1});
        if (cpu_.state.cpl != 3 || cpu_.state.eip != one.state.eip || !(row_of(one.code.instruction).kind & kind::string)) break;
    }

    Result result;
    const Registers& registers = cpu_.registers();
    for (unsigned at = 0; at < 8; ++at) result.state.gpr[at] = registers.gpr[at];
    for (unsigned at = 0; at < 6; ++at) result.selectors[at] = registers.segment[at].selector;
    store_fx(registers, result.state.fx);
    result.state.eip = registers.eip;
    result.state.eflags = registers.eflags;
    if (registers.cpl == 0) {
        result.fault = true;
        result.vector = (registers.eip - handlers) / handler_bytes;
        if (result.vector == vector::PF) result.cr2 = registers.cr2 - oracle::data_base;
        u32 at = registers.gpr[4];
        const bool has_code = fault_stack - at == 24;
        if (has_code) {
            result.error = get(at);
            at += 4;
        }
        result.state.eip = get(at);
        result.selectors[1] = static_cast<u16>(get(at + 4));
        result.state.eflags = get(at + 8);
        result.state.gpr[4] = get(at + 12);
        result.selectors[2] = static_cast<u16>(get(at + 16));
    }
    for (const oracle::Range& range : one.watched) {
        const std::size_t before = result.watched.size();
        result.watched.resize(before + range.bytes);
        memory_.read(PhysicalAddress{range.address}, {result.watched.data() + before, range.bytes});
    }
    return result;
}

}  // namespace retrace::fuzz
