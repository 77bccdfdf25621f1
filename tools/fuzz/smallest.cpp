#include "tools/fuzz/smallest.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/bits.hpp"

namespace retrace::fuzz {
namespace {

using Change = std::function<bool(Case&)>;  // false: nothing to change

template <class T>
bool assign(T& what, T value) {
    if (what == value) return false;
    what = value;
    return true;
}

bool clear(u8* from, std::size_t bytes) {
    if (std::all_of(from, from + bytes, [](u8 byte) { return byte == 0; })) return false;
    std::memset(from, 0, bytes);
    return true;
}

// The prefix at this place left out, if the same row remains.
bool drop_prefix(Case& one, unsigned at) {
    RandomInstruction::Rolled code = one.code;
    if (at + 1 >= code.length) return false;
    std::copy(code.bytes.begin() + at + 1, code.bytes.end(), code.bytes.begin() + at);
    code.bytes.back() = 0xcc;
    const Decoder decoder{CpuModel::Max};
    if (decoder.decode(code.bytes, one.code32, code.instruction) != Decoder::Result::Done) return false;
    if (code.instruction.row != one.code.instruction.row || code.instruction.length + 1 != one.code.length) return false;
    code.length = code.instruction.length;
    one.code = code;
    return true;
}

std::vector<Change> changes(const Case& one) {
    std::vector<Change> all;
    for (unsigned at = 0; at < 4; ++at) all.emplace_back([at](Case& c) { return drop_prefix(c, at); });
    for (unsigned at = 0; at < 6; ++at)
        all.emplace_back([at](Case& c) {
            oracle::Segment& segment = c.state.segment[at];
            const oracle::Segment plain{0, 0xffff, 1, segment.big, 0, 0};
            if (std::memcmp(&segment, &plain, sizeof plain) == 0) return false;
            segment = plain;
            return true;
        });
    for (std::size_t at = 0; at < one.patches.size(); ++at) all.emplace_back([at](Case& c) { return at < c.patches.size() && clear(c.patches[at].bytes.data(), c.patches[at].bytes.size()); });
    for (unsigned at = 0; at < 8; ++at) all.emplace_back([at](Case& c) { return assign(c.state.gpr[at], 0u); });
    for (unsigned at = 0; at < 8; ++at) all.emplace_back([at](Case& c) { return assign(c.state.gpr[at], c.state.gpr[at] & 0xffff); });
    for (unsigned at = 0; at < 8; ++at) all.emplace_back([at](Case& c) { return clear(c.state.fx + 160 + 16 * at, 16); });
    for (unsigned at = 0; at < 16; ++at) all.emplace_back([at](Case& c) { return clear(c.state.fx + 160 + 8 * at, 8); });
    for (unsigned at = 0; at < 8; ++at) all.emplace_back([at](Case& c) { return clear(c.state.fx + 32 + 16 * at, 10); });
    all.emplace_back([](Case& c) { return assign(c.state.eflags, 0x202u); });
    const auto set_word = [&](unsigned at, u16 value) {
        all.emplace_back([at, value](Case& c) {
            if (load<u16>(c.state.fx + at) == value) return false;
            store<u16>(c.state.fx + at, value);
            return true;
        });
    };
    set_word(24, 0x1f80);
    set_word(0, 0x37f);
    set_word(2, 0);
    all.emplace_back([](Case& c) { return assign(c.state.fx[4], u8{0}); });
    for (std::size_t at = 0; at < one.patches.size(); ++at)
        for (std::size_t part = 0; part < one.patches[at].bytes.size(); part += 4)
            all.emplace_back([at, part](Case& c) { return at < c.patches.size() && part + 4 <= c.patches[at].bytes.size() && clear(&c.patches[at].bytes[part], 4); });
    return all;
}

}  // namespace

std::string smallest(const Case& one, const std::string& text, const std::function<std::string(const Case&)>& compare) {
    // Alone: what it sees of memory is blank but for its own patches.
    Case best = one;
    std::erase_if(best.watched, [](const oracle::Range& range) { return range.bytes == oracle::data_size; });
    std::vector<Piece> blank;
    for (const oracle::Range& range : best.watched) blank.push_back({range.address, std::vector<u8>(range.bytes)});
    const auto run = [&](Case alone) {
        alone.patches.insert(alone.patches.begin(), blank.begin(), blank.end());
        return compare(alone);
    };
    std::string shown = run(best);
    if (shown.empty()) return describe(one) + text + "  (alone it shows no difference: memory did)\n";
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (const Change& change : changes(best)) {
            Case candidate = best;
            if (!change(candidate)) continue;
            const std::string still = run(candidate);
            if (still.empty()) continue;
            best = candidate;
            shown = still;
            smaller = true;
        }
    }
    std::erase_if(best.patches, [](const Piece& piece) { return std::all_of(piece.bytes.begin(), piece.bytes.end(), [](u8 byte) { return byte == 0; }); });
    return describe(best) + shown;
}

}  // namespace retrace::fuzz
