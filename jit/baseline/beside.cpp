// Stores to pages that hold code: most go beside it.
#include <array>
#include <bit>

#include "jit/baseline/translator.hpp"

namespace retrace::jit {

namespace {

// Of an operand of 1, 2, 4, 8 or 16 bytes: its marks, from the byte of marks in which the first lies, by the lowest 3 bits of its address.
constexpr auto marks_of_operands = [] {
    std::array<std::array<u32, 8>, Translator::beside_widths> all{};
    for (u32 n = 0; n < all.size(); ++n)
        for (u32 first = 0; first < 8; ++first) all[n][first] = ((1u << (1u << n)) - 1) << first;
    return all;
}();

}  // namespace

// r8d: a linear address whose page has no entry for stores. r9 becomes what the entry would be, if decoded code alone is in the way and none of it lies
// there; else 0. Keeps all other registers.
void Translator::make_beside_stubs() {
    const PhysicalMemory::Beside memory = cpu_.memory.beside();
    static_assert(PhysicalMemory::page_stride == 16 && PhysicalMemory::page_marks == 512);
    for (std::size_t n = 0; n < stub_beside_.size(); ++n) {
        stub_beside_[n] = const_cast<u8*>(getCurr());
        Label no, done;
        push(r10);
        push(r11);
        mov(r9d, r8d);
        shr(r9d, page_shift);
        mov(r10, ptr[r14 + r9 * 8 + static_cast<int>(2 * table_distance)]);
        test(r10b, static_cast<u32>(Mmu::marked));
        jz(no);
        mov(r9d, r8d);
        and_(r9d, page_mask);
        cmp(r9d, page_size - (1u << n));
        ja(no);
        shr(r10, page_shift);
        shl(r10, 4);
        mov(r11, reinterpret_cast<u64>(memory.pages));
        mov(r11d, dword[r11 + r10]);
        and_(r11d, memory.mask);
        cmp(r11d, memory.only_code);
        jne(no);
        shl(r10, 5);
        mov(r11, reinterpret_cast<u64>(memory.marks));
        add(r10, r11);
        mov(r11d, r9d);
        shr(r11d, 3);
        add(r10, r11);
        and_(r9d, 7);
        mov(r11, reinterpret_cast<u64>(marks_of_operands[n].data()));
        mov(r11d, dword[r11 + r9 * 4]);
        test(dword[r10], r11d);
        jnz(no);
        mov(r9d, r8d);
        shr(r9d, page_shift);
        mov(r9, ptr[r14 + r9 * 8]);
        jmp(done);
        L(no);
        xor_(r9d, r9d);
        L(done);
        pop(r11);
        pop(r10);
        ret();
    }
}

// Behind the test of an entry in r9: on, if it is one or the operand lies beside code.
void Translator::unless_beside_code(unsigned width, Slow& slow) {
    if (!use_beside || !std::has_single_bit(width) || width >= 1u << beside_widths) {
        jz(slow.entry, T_NEAR);
        return;
    }
    auto guarded = std::make_shared<Label>(), back = std::make_shared<Label>();
    jz(*guarded, T_NEAR);
    L(*back);
    cold_.push_back([this, guarded, back, width, &slow] {
        L(*guarded);
        call(stub_beside_[static_cast<std::size_t>(std::countr_zero(width))]);
        test(r9, r9);
        jnz(*back, T_NEAR);
        jmp(slow.entry, T_NEAR);
    });
}

}  // namespace retrace::jit
