// The whole instructions, by file: data.cpp, bits.cpp, decimal.cpp, control.cpp, flags.cpp, ports.cpp, system.cpp, descriptors.cpp,
// identity.cpp, strings.cpp.
#pragma once

#include "core/semantics/semantics.hpp"

namespace retrace {

namespace whole {

using I = const Instruction&;

// data.cpp
bool mov_from_segment(Cpu&, I); bool mov_to_segment(Cpu&, I); bool push_segment(Cpu&, I); bool pop_segment(Cpu&, I);
bool load_far_pointer(Cpu&, I); bool flush_line(Cpu&, I); bool xlat(Cpu&, I); bool push_all(Cpu&, I); bool pop_all(Cpu&, I); bool enter(Cpu&, I); bool leave(Cpu&, I);
bool pop_memory(Cpu&, I); bool movbe(Cpu&, I); bool bswap(Cpu&, I); bool cmpxchg(Cpu&, I); bool xadd(Cpu&, I);
bool cmpxchg8b(Cpu&, I); bool convert_accumulator(Cpu&, I); bool convert_to_pair(Cpu&, I);
// bits.cpp
bool bit_test(Cpu&, I); bool bit_set(Cpu&, I); bool bit_reset(Cpu&, I); bool bit_complement(Cpu&, I); bool bit_scan_forward(Cpu&, I);
bool bit_scan_reverse(Cpu&, I); bool shift_double_left(Cpu&, I); bool shift_double_right(Cpu&, I); bool popcnt(Cpu&, I); bool crc32(Cpu&, I);
// decimal.cpp
bool daa(Cpu&, I); bool das(Cpu&, I); bool aaa(Cpu&, I); bool aas(Cpu&, I); bool aam(Cpu&, I); bool aad(Cpu&, I); bool salc(Cpu&, I);
// control.cpp
bool jump_far(Cpu&, I); bool jump_far_indirect(Cpu&, I); bool call_far(Cpu&, I); bool call_far_indirect(Cpu&, I); bool return_far(Cpu&, I);
bool interrupt(Cpu&, I); bool interrupt3(Cpu&, I); bool into(Cpu&, I); bool icebp(Cpu&, I); bool interrupt_return(Cpu&, I); bool bound(Cpu&, I);
bool resume(Cpu&, I); bool undefined(Cpu&, I); bool nothing(Cpu&, I); bool halt(Cpu&, I); bool wait(Cpu&, I);
// flags.cpp
bool push_flags(Cpu&, I); bool pop_flags(Cpu&, I); bool lahf(Cpu&, I); bool sahf(Cpu&, I); bool clc(Cpu&, I); bool stc(Cpu&, I); bool cmc(Cpu&, I);
bool cld(Cpu&, I); bool std(Cpu&, I); bool cli(Cpu&, I); bool sti(Cpu&, I);
// ports.cpp
bool in(Cpu&, I); bool out(Cpu&, I);
// strings.cpp
bool movs(Cpu&, I); bool cmps(Cpu&, I); bool stos(Cpu&, I); bool lods(Cpu&, I); bool scas(Cpu&, I); bool ins(Cpu&, I); bool outs(Cpu&, I);
// system.cpp
bool clts(Cpu&, I); bool smsw(Cpu&, I); bool lmsw(Cpu&, I); bool mov_from_control(Cpu&, I); bool mov_to_control(Cpu&, I); bool mov_from_debug(Cpu&, I);
bool mov_to_debug(Cpu&, I); bool mov_from_test(Cpu&, I); bool mov_to_test(Cpu&, I); bool invlpg(Cpu&, I); bool flush_caches(Cpu&, I); bool load_all_286(Cpu&, I);
bool load_all_386(Cpu&, I); bool sgdt(Cpu&, I); bool sidt(Cpu&, I); bool lgdt(Cpu&, I); bool lidt(Cpu&, I);
// descriptors.cpp
bool arpl(Cpu&, I); bool lar(Cpu&, I); bool lsl(Cpu&, I); bool verr(Cpu&, I); bool verw(Cpu&, I); bool sldt(Cpu&, I); bool str(Cpu&, I); bool lldt(Cpu&, I);
bool ltr(Cpu&, I); bool sysenter(Cpu&, I); bool sysexit(Cpu&, I);
// near.cpp
bool push(Cpu&, I); bool push_stack_pointer(Cpu&, I); bool pop(Cpu&, I); bool jump_conditional(Cpu&, I); bool jump_count_zero(Cpu&, I); bool loop(Cpu&, I);
bool loop_while_equal(Cpu&, I); bool loop_while_unequal(Cpu&, I); bool jump_near(Cpu&, I); bool jump_indirect(Cpu&, I); bool call_near(Cpu&, I);
bool call_indirect(Cpu&, I); bool return_near(Cpu&, I);
// identity.cpp
bool cpuid(Cpu&, I); bool rdrand(Cpu&, const Instruction&);
bool rdrand(Cpu&, I); bool rdtsc(Cpu&, I); bool rdpmc(Cpu&, I); bool rdmsr(Cpu&, I); bool wrmsr(Cpu&, I);

}  // namespace whole


template <> inline constexpr auto semantics<Op::MovFromSeg> = WholeInstruction{whole::mov_from_segment};
template <> inline constexpr auto semantics<Op::MovToSeg> = WholeInstruction{whole::mov_to_segment};
template <> inline constexpr auto semantics<Op::PushSeg> = WholeInstruction{whole::push_segment};
template <> inline constexpr auto semantics<Op::PopSeg> = WholeInstruction{whole::pop_segment};
template <> inline constexpr auto semantics<Op::Les> = WholeInstruction{whole::load_far_pointer};
template <> inline constexpr auto semantics<Op::Lds> = WholeInstruction{whole::load_far_pointer};
template <> inline constexpr auto semantics<Op::Lss> = WholeInstruction{whole::load_far_pointer};
template <> inline constexpr auto semantics<Op::Lfs> = WholeInstruction{whole::load_far_pointer};
template <> inline constexpr auto semantics<Op::Lgs> = WholeInstruction{whole::load_far_pointer};
template <> inline constexpr auto semantics<Op::Xlat> = WholeInstruction{whole::xlat};
template <> inline constexpr auto semantics<Op::Pusha> = WholeInstruction{whole::push_all};
template <> inline constexpr auto semantics<Op::Popa> = WholeInstruction{whole::pop_all};
template <> inline constexpr auto semantics<Op::Enter> = WholeInstruction{whole::enter};
template <> inline constexpr auto semantics<Op::Leave> = WholeInstruction{whole::leave};
template <> inline constexpr auto semantics<Op::Movbe> = WholeInstruction{whole::movbe};
template <> inline constexpr auto semantics<Op::Bswap> = WholeInstruction{whole::bswap};
template <> inline constexpr auto semantics<Op::Cmpxchg> = WholeInstruction{whole::cmpxchg};
template <> inline constexpr auto semantics<Op::Xadd> = WholeInstruction{whole::xadd};
template <> inline constexpr auto semantics<Op::Cmpxchg8b> = WholeInstruction{whole::cmpxchg8b};
template <> inline constexpr auto semantics<Op::Cbw> = WholeInstruction{whole::convert_accumulator};
template <> inline constexpr auto semantics<Op::Cwd> = WholeInstruction{whole::convert_to_pair};

template <> inline constexpr auto semantics<Op::Bt> = WholeInstruction{whole::bit_test};
template <> inline constexpr auto semantics<Op::Bts> = WholeInstruction{whole::bit_set};
template <> inline constexpr auto semantics<Op::Btr> = WholeInstruction{whole::bit_reset};
template <> inline constexpr auto semantics<Op::Btc> = WholeInstruction{whole::bit_complement};
template <> inline constexpr auto semantics<Op::Bsf> = WholeInstruction{whole::bit_scan_forward};
template <> inline constexpr auto semantics<Op::Bsr> = WholeInstruction{whole::bit_scan_reverse};
template <> inline constexpr auto semantics<Op::Shld> = WholeInstruction{whole::shift_double_left};
template <> inline constexpr auto semantics<Op::Shrd> = WholeInstruction{whole::shift_double_right};
template <> inline constexpr auto semantics<Op::Popcnt> = WholeInstruction{whole::popcnt};
template <> inline constexpr auto semantics<Op::Crc32> = WholeInstruction{whole::crc32};

template <> inline constexpr auto semantics<Op::Daa> = WholeInstruction{whole::daa};
template <> inline constexpr auto semantics<Op::Das> = WholeInstruction{whole::das};
template <> inline constexpr auto semantics<Op::Aaa> = WholeInstruction{whole::aaa};
template <> inline constexpr auto semantics<Op::Aas> = WholeInstruction{whole::aas};
template <> inline constexpr auto semantics<Op::Aam> = WholeInstruction{whole::aam};
template <> inline constexpr auto semantics<Op::Aad> = WholeInstruction{whole::aad};
template <> inline constexpr auto semantics<Op::Salc> = WholeInstruction{whole::salc};

template <> inline constexpr auto semantics<Op::JmpFar> = WholeInstruction{whole::jump_far};
template <> inline constexpr auto semantics<Op::JmpFarIndirect> = WholeInstruction{whole::jump_far_indirect};
template <> inline constexpr auto semantics<Op::CallFar> = WholeInstruction{whole::call_far};
template <> inline constexpr auto semantics<Op::CallFarIndirect> = WholeInstruction{whole::call_far_indirect};
template <> inline constexpr auto semantics<Op::RetFar> = WholeInstruction{whole::return_far};
template <> inline constexpr auto semantics<Op::Int> = WholeInstruction{whole::interrupt};
template <> inline constexpr auto semantics<Op::Int3> = WholeInstruction{whole::interrupt3};
template <> inline constexpr auto semantics<Op::Into> = WholeInstruction{whole::into};
template <> inline constexpr auto semantics<Op::Icebp> = WholeInstruction{whole::icebp};
template <> inline constexpr auto semantics<Op::Iret> = WholeInstruction{whole::interrupt_return};
template <> inline constexpr auto semantics<Op::Bound> = WholeInstruction{whole::bound};
template <> inline constexpr auto semantics<Op::Ud2> = WholeInstruction{whole::undefined};
template <> inline constexpr auto semantics<Op::Rsm> = WholeInstruction{whole::resume};
template <> inline constexpr auto semantics<Op::Nop> = WholeInstruction{whole::nothing};
template <> inline constexpr auto semantics<Op::Pause> = WholeInstruction{whole::nothing};
template <> inline constexpr auto semantics<Op::Lfence> = WholeInstruction{whole::nothing};
template <> inline constexpr auto semantics<Op::Mfence> = WholeInstruction{whole::nothing};
template <> inline constexpr auto semantics<Op::Sfence> = WholeInstruction{whole::nothing};
template <> inline constexpr auto semantics<Op::Clflush> = WholeInstruction{whole::flush_line};
template <> inline constexpr auto semantics<Op::Wait> = WholeInstruction{whole::wait};
template <> inline constexpr auto semantics<Op::Hlt> = WholeInstruction{whole::halt};

template <> inline constexpr auto semantics<Op::Pushf> = WholeInstruction{whole::push_flags};
template <> inline constexpr auto semantics<Op::Popf> = WholeInstruction{whole::pop_flags};
template <> inline constexpr auto semantics<Op::Lahf> = WholeInstruction{whole::lahf};
template <> inline constexpr auto semantics<Op::Sahf> = WholeInstruction{whole::sahf};
template <> inline constexpr auto semantics<Op::Clc> = WholeInstruction{whole::clc};
template <> inline constexpr auto semantics<Op::Stc> = WholeInstruction{whole::stc};
template <> inline constexpr auto semantics<Op::Cmc> = WholeInstruction{whole::cmc};
template <> inline constexpr auto semantics<Op::Cld> = WholeInstruction{whole::cld};
template <> inline constexpr auto semantics<Op::Std> = WholeInstruction{whole::std};
template <> inline constexpr auto semantics<Op::Cli> = WholeInstruction{whole::cli};
template <> inline constexpr auto semantics<Op::Sti> = WholeInstruction{whole::sti};

template <> inline constexpr auto semantics<Op::In> = WholeInstruction{whole::in};
template <> inline constexpr auto semantics<Op::Out> = WholeInstruction{whole::out};

template <> inline constexpr auto semantics<Op::Movs> = WholeInstruction{whole::movs};
template <> inline constexpr auto semantics<Op::Cmps> = WholeInstruction{whole::cmps};
template <> inline constexpr auto semantics<Op::Stos> = WholeInstruction{whole::stos};
template <> inline constexpr auto semantics<Op::Lods> = WholeInstruction{whole::lods};
template <> inline constexpr auto semantics<Op::Scas> = WholeInstruction{whole::scas};
template <> inline constexpr auto semantics<Op::Ins> = WholeInstruction{whole::ins};
template <> inline constexpr auto semantics<Op::Outs> = WholeInstruction{whole::outs};

template <> inline constexpr auto semantics<Op::Clts> = WholeInstruction{whole::clts};
template <> inline constexpr auto semantics<Op::Smsw> = WholeInstruction{whole::smsw};
template <> inline constexpr auto semantics<Op::Lmsw> = WholeInstruction{whole::lmsw};
template <> inline constexpr auto semantics<Op::MovFromCr> = WholeInstruction{whole::mov_from_control};
template <> inline constexpr auto semantics<Op::MovToCr> = WholeInstruction{whole::mov_to_control};
template <> inline constexpr auto semantics<Op::MovFromDr> = WholeInstruction{whole::mov_from_debug};
template <> inline constexpr auto semantics<Op::MovToDr> = WholeInstruction{whole::mov_to_debug};
template <> inline constexpr auto semantics<Op::MovFromTr> = WholeInstruction{whole::mov_from_test};
template <> inline constexpr auto semantics<Op::MovToTr> = WholeInstruction{whole::mov_to_test};
template <> inline constexpr auto semantics<Op::Invlpg> = WholeInstruction{whole::invlpg};
template <> inline constexpr auto semantics<Op::Invd> = WholeInstruction{whole::flush_caches};
template <> inline constexpr auto semantics<Op::Wbinvd> = WholeInstruction{whole::flush_caches};
template <> inline constexpr auto semantics<Op::Loadall286> = WholeInstruction{whole::load_all_286};
template <> inline constexpr auto semantics<Op::Loadall386> = WholeInstruction{whole::load_all_386};
template <> inline constexpr auto semantics<Op::Sgdt> = WholeInstruction{whole::sgdt};
template <> inline constexpr auto semantics<Op::Sidt> = WholeInstruction{whole::sidt};
template <> inline constexpr auto semantics<Op::Lgdt> = WholeInstruction{whole::lgdt};
template <> inline constexpr auto semantics<Op::Lidt> = WholeInstruction{whole::lidt};

template <> inline constexpr auto semantics<Op::Arpl> = WholeInstruction{whole::arpl};
template <> inline constexpr auto semantics<Op::Lar> = WholeInstruction{whole::lar};
template <> inline constexpr auto semantics<Op::Lsl> = WholeInstruction{whole::lsl};
template <> inline constexpr auto semantics<Op::Verr> = WholeInstruction{whole::verr};
template <> inline constexpr auto semantics<Op::Verw> = WholeInstruction{whole::verw};
template <> inline constexpr auto semantics<Op::Sldt> = WholeInstruction{whole::sldt};
template <> inline constexpr auto semantics<Op::Str> = WholeInstruction{whole::str};
template <> inline constexpr auto semantics<Op::Lldt> = WholeInstruction{whole::lldt};
template <> inline constexpr auto semantics<Op::Ltr> = WholeInstruction{whole::ltr};
template <> inline constexpr auto semantics<Op::Sysenter> = WholeInstruction{whole::sysenter};
template <> inline constexpr auto semantics<Op::Sysexit> = WholeInstruction{whole::sysexit};

template <> inline constexpr auto semantics<Op::Push> = WholeInstruction{whole::push};
template <> inline constexpr auto semantics<Op::Pop> = WholeInstruction{whole::pop};
template <> inline constexpr auto semantics<Op::Jcc> = WholeInstruction{whole::jump_conditional};
template <> inline constexpr auto semantics<Op::Jcxz> = WholeInstruction{whole::jump_count_zero};
template <> inline constexpr auto semantics<Op::Loop> = WholeInstruction{whole::loop};
template <> inline constexpr auto semantics<Op::Loope> = WholeInstruction{whole::loop_while_equal};
template <> inline constexpr auto semantics<Op::Loopne> = WholeInstruction{whole::loop_while_unequal};
template <> inline constexpr auto semantics<Op::JmpNear> = WholeInstruction{whole::jump_near};
template <> inline constexpr auto semantics<Op::JmpIndirect> = WholeInstruction{whole::jump_indirect};
template <> inline constexpr auto semantics<Op::CallNear> = WholeInstruction{whole::call_near};
template <> inline constexpr auto semantics<Op::CallIndirect> = WholeInstruction{whole::call_indirect};
template <> inline constexpr auto semantics<Op::RetNear> = WholeInstruction{whole::return_near};

template <> inline constexpr auto semantics<Op::Cpuid> = WholeInstruction{whole::cpuid};
template <> inline constexpr auto semantics<Op::Rdtsc> = WholeInstruction{whole::rdtsc};
template <> inline constexpr auto semantics<Op::Rdrand> = WholeInstruction{whole::rdrand};
template <> inline constexpr auto semantics<Op::Rdpmc> = WholeInstruction{whole::rdpmc};
template <> inline constexpr auto semantics<Op::Rdmsr> = WholeInstruction{whole::rdmsr};
template <> inline constexpr auto semantics<Op::Wrmsr> = WholeInstruction{whole::wrmsr};

}  // namespace retrace
