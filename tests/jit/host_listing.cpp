#include "tests/jit/host_listing.hpp"

#include <capstone/capstone.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <regex>

#include "core/base/ensure.hpp"

namespace retrace::test {

namespace {

class Disassembly {
public:
    Disassembly(std::span<const u8> code, u64 address, cs_mode mode) {
        ENSURE(cs_open(CS_ARCH_X86, mode, &handle_) == CS_ERR_OK, "Capstone is there");
        cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
        count_ = cs_disasm(handle_, code.data(), code.size(), address, 0, &all_);
    }
    ~Disassembly() {
        cs_free(all_, count_);
        cs_close(&handle_);
    }
    Disassembly(const Disassembly&) = delete;
    Disassembly& operator=(const Disassembly&) = delete;
    [[nodiscard]] std::span<const cs_insn> all() const { return {all_, count_}; }
    [[nodiscard]] bool branches(const cs_insn& one) const { return cs_insn_group(handle_, &one, CS_GRP_JUMP) || cs_insn_group(handle_, &one, CS_GRP_CALL); }

private:
    csh handle_ = 0;
    cs_insn* all_ = nullptr;
    std::size_t count_ = 0;
};

std::string text_of(const cs_insn& one) { return one.op_str[0] ? std::string{one.mnemonic} + ' ' + one.op_str : std::string{one.mnemonic}; }

// Members of Cpu that emitted code looks at, by their distance from its beginning.
class Members {
public:
    explicit Members(const Cpu& cpu) : cpu_{&cpu} {
        static constexpr const char *general[]{"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"}, *segments[]{"es", "cs", "ss", "ds", "fs", "gs"};
        const Registers& r = cpu.state;
        for (unsigned n = 0; n < 8; ++n) {
            add(r.gpr.slot[n], general[n]);
            add(r.fpu.physical[n], "r" + std::to_string(n));
            add(r.sse.xmm[n], "xmm" + std::to_string(n));
        }
        for (unsigned n = 0; n < 6; ++n) {
            const std::string name = segments[n];
            add(r.segment[n].selector, name + ".selector");
            add(r.segment[n].base, name + ".base");
            add(r.segment[n].limit, name + ".limit");
            add(cpu.access[n].readable_end, name + ".readable_end");
            add(cpu.access[n].writable_end, name + ".writable_end");
            add(cpu.access[n].base, name + ".base");
            add(cpu.access[n].shape, name + ".shape");
        }
        add(r.eip, "eip");
        add(r.eflags, "eflags");
        add(r.cr0, "cr0");
        add(r.cpl, "cpl");
        add(r.fpu.control, "fpu.control");
        add(r.fpu.status, "fpu.status");
        add(r.fpu.occupied, "fpu.occupied");
        add(r.fpu.opcode, "fpu.opcode");
        add(r.fpu.instruction_offset, "fpu.instruction_offset");
        add(r.fpu.operand_offset, "fpu.operand_offset");
        add(r.fpu.instruction_selector, "fpu.instruction_selector");
        add(r.fpu.operand_selector, "fpu.operand_selector");
        add(r.sse.mxcsr, "mxcsr");
        add(cpu.flags.result, "flags.result");
        add(cpu.flags.carries, "flags.carries");
        add(cpu.flags.carry, "flags.carry");
        add(cpu.run.current, "run.current");
        add(cpu.run.resident, "run.resident");
        add(cpu.run.stop, "run.stop");
        add(cpu.run.generation, "run.generation");
        add(cpu.run.x87_code, "run.x87_code");
        add(cpu.run.x87_segment, "run.x87_segment");
        add(cpu.attention, "attention");
        add(cpu.mmu, "mmu");
    }
    [[nodiscard]] std::string name(i64 distance) const {
        auto found = all_.upper_bound(distance);
        if (found == all_.begin()) return "?";
        --found;
        const i64 within = distance - found->first;
        if (within >= found->second.bytes) return "?";
        return within == 0 ? found->second.name : found->second.name + " + " + std::to_string(within);
    }

private:
    struct Member {
        i64 bytes;
        std::string name;
    };
    template <class T>
    void add(const T& member, std::string name) {
        all_[reinterpret_cast<const u8*>(&member) - reinterpret_cast<const u8*>(cpu_)] = {sizeof(T), std::move(name)};
    }
    const Cpu* cpu_;
    std::map<i64, Member> all_;
};

class Namer {
public:
    explicit Namer(const char* prefix) : prefix_{prefix} {}
    std::string operator()(i64 what) { return prefix_ + std::to_string(numbers_.try_emplace(what, numbers_.size() + 1).first->second); }

private:
    std::string prefix_;
    std::map<i64, std::size_t> numbers_;
};

i64 number(const std::string& text) {
    const bool hex = text.starts_with("0x");
    i64 value = 0;
    std::from_chars(text.data() + (hex ? 2 : 0), text.data() + text.size(), value, hex ? 16 : 10);
    return value;
}

}  // namespace

std::vector<std::string> host_listing(std::span<const u8> code, const Cpu& cpu) {
    const Disassembly disassembly{code, 0, CS_MODE_64};
    const Members members{cpu};
    const i64 end = static_cast<i64>(code.size());
    const auto target_of = [&](const cs_insn& one) -> std::optional<i64> {
        const auto& x86 = one.detail->x86;
        if (!disassembly.branches(one) || x86.op_count != 1 || x86.operands[0].type != X86_OP_IMM) return std::nullopt;
        return x86.operands[0].imm;
    };
    std::map<i64, std::string> labels;
    for (const cs_insn& one : disassembly.all())
        if (const auto target = target_of(one); target && *target >= 0 && *target < end) labels[*target];
    unsigned count = 0;
    for (auto& [at, name] : labels) name = "here_" + std::to_string(++count);

    Namer rare{"rare_"}, engine{"engine_"}, pointer{"host_"};
    static const std::regex member{R"(\[r13(?: ([+-]) (0x[0-9a-f]+|\d+))?\])"}, wide{R"(0x[0-9a-f]{9,12}$)"}, of_page{R"((cmp dword ptr \[r14 .*\], ).*)"};
    std::vector<std::string> lines;
    for (const cs_insn& one : disassembly.all()) {
        if (const auto label = labels.find(static_cast<i64>(one.address)); label != labels.end()) lines.push_back(label->second + ":");
        if (const auto target = target_of(one)) {
            lines.push_back(std::string{one.mnemonic} + ' ' + (*target < 0 ? engine(*target) : *target >= end ? rare(*target) : labels[*target]));
            continue;
        }
        std::string text = text_of(one);
        for (std::smatch found; std::regex_search(text, found, member);) {
            const i64 distance = found[2].matched ? number(found[2]) * (found[1] == "-" ? -1 : 1) : 0;
            text = found.prefix().str() + "[cpu." + members.name(distance) + "]" + found.suffix().str();
        }
        if (std::smatch found; std::regex_search(text, found, wide)) text = found.prefix().str() + pointer(number(found[0]));
        text = std::regex_replace(text, of_page, "$1page");
        lines.push_back(text);
    }
    return lines;
}

std::vector<std::string> guest_listing(std::span<const u8> code, u32 eip, bool code32) {
    const Disassembly disassembly{code, eip, code32 ? CS_MODE_32 : CS_MODE_16};
    std::vector<std::string> lines;
    for (const cs_insn& one : disassembly.all()) {
        std::string bytes;
        for (unsigned n = 0; n < one.size; ++n) {
            static constexpr char digits[] = "0123456789abcdef";
            bytes += digits[one.bytes[n] >> 4];
            bytes += digits[one.bytes[n] & 15];
            bytes += ' ';
        }
        bytes.resize(std::max<std::size_t>(bytes.size(), 32), ' ');
        lines.push_back(bytes + text_of(one));
    }
    return lines;
}

unsigned count_instructions(const std::vector<std::string>& listing) {
    return static_cast<unsigned>(std::ranges::count_if(listing, [](const std::string& line) { return !line.ends_with(':'); }));
}

std::string line_difference(const std::vector<std::string>& before, const std::vector<std::string>& after) {
    if (before == after) return "";
    // Longest common subsequence, from the ends.
    const std::size_t rows = before.size(), columns = after.size();
    std::vector<std::vector<unsigned>> common(rows + 1, std::vector<unsigned>(columns + 1));
    for (std::size_t r = rows; r-- > 0;)
        for (std::size_t c = columns; c-- > 0;) common[r][c] = before[r] == after[c] ? common[r + 1][c + 1] + 1 : std::max(common[r + 1][c], common[r][c + 1]);
    std::string text;
    for (std::size_t r = 0, c = 0; r < rows || c < columns;) {
        if (r < rows && c < columns && before[r] == after[c]) text += "  " + before[r++] + '\n', ++c;
        else if (c == columns || (r < rows && common[r + 1][c] >= common[r][c + 1])) text += "- " + before[r++] + '\n';
        else text += "+ " + after[c++] + '\n';
    }
    return text;
}

}  // namespace retrace::test
