#include "core/state/visitors.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include "core/base/address.hpp"
#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"

namespace retrace {

namespace {

bool all_zero(std::span<const u8> data) {
    return data.empty() || (data[0] == 0 && std::memcmp(data.data(), data.data() + 1, data.size() - 1) == 0);
}

// Byte fields longer than this are stored by pages, each led by a byte: 0 zero page, 1 data.
constexpr std::size_t paged_from = page_size;

template <class F>
void each_page(std::size_t size, F&& f) {
    for (std::size_t at = 0; at < size; at += page_size) f(at, std::min<std::size_t>(page_size, size - at));
}

std::string hex(u64 value, unsigned digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llxh", static_cast<int>(digits), static_cast<unsigned long long>(value));
    return text;
}

}  // namespace

// ---- saving

void StateSaver::number(std::string_view, u64& value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) out_.push_back(static_cast<u8>(value >> (8 * i)));
}

void StateSaver::bytes(std::string_view, std::span<u8> data) {
    if (data.size() <= paged_from) {
        out_.insert(out_.end(), data.begin(), data.end());
        return;
    }
    each_page(data.size(), [&](std::size_t at, std::size_t size) {
        const auto page = data.subspan(at, size);
        const bool zero = all_zero(page);
        out_.push_back(zero ? 0 : 1);
        if (!zero) out_.insert(out_.end(), page.begin(), page.end());
    });
}

void StateSaver::size(std::string_view name, u64& count, u64) { number(name, count, 8); }

// ---- loading

std::span<const u8> StateLoader::take(std::size_t count) {
    if (in_.size() < count) throw HostError("The saved state is cut short.");
    const auto taken = in_.first(count);
    in_ = in_.subspan(count);
    return taken;
}

void StateLoader::number(std::string_view, u64& value, unsigned width) {
    value = 0;
    const auto from = take(width);
    for (unsigned i = 0; i < width; ++i) value |= static_cast<u64>(from[i]) << (8 * i);
}

void StateLoader::bytes(std::string_view, std::span<u8> data) {
    if (data.size() <= paged_from) {
        std::ranges::copy(take(data.size()), data.begin());
        return;
    }
    each_page(data.size(), [&](std::size_t at, std::size_t size) {
        const auto page = data.subspan(at, size);
        if (take(1)[0] != 0) std::ranges::copy(take(size), page.begin());
        else if (!all_zero(page)) std::ranges::fill(page, u8{0});
    });
}

void StateLoader::size(std::string_view name, u64& count, u64 limit) {
    number(name, count, 8);
    if (count > limit) throw HostError("The saved state is damaged: " + std::string(name) + " is too large.");
}

void StateLoader::finish() const {
    if (!in_.empty()) throw HostError("The saved state belongs to another machine: it is too long.");
}

// ---- digest

struct StateDigest::Hash {
    XXH3_state_t state;
};

StateDigest::StateDigest() : hash_{std::make_unique<Hash>()} { XXH3_64bits_reset(&hash_->state); }
StateDigest::~StateDigest() = default;

void StateDigest::number(std::string_view, u64& value, unsigned width) { XXH3_64bits_update(&hash_->state, &value, width); }
void StateDigest::bytes(std::string_view, std::span<u8> data) { XXH3_64bits_update(&hash_->state, data.data(), data.size()); }
void StateDigest::size(std::string_view name, u64& count, u64) { number(name, count, 8); }
u64 StateDigest::value() const { return XXH3_64bits_digest(&hash_->state); }

// ---- inspecting

void StateInspector::enter(std::string_view name) { groups_.emplace_back(name); }
void StateInspector::leave() { groups_.pop_back(); }

std::string StateInspector::path(std::string_view name) const {
    std::string whole;
    for (const auto& group : groups_) whole += group + ".";
    return whole.append(name);
}

void StateInspector::number(std::string_view name, u64& value, unsigned width) {
    entries_.emplace_back(path(name), hex(value, width * 2));
}

void StateInspector::bytes(std::string_view name, std::span<u8> data) {
    constexpr std::size_t line = 16;
    for (std::size_t at = 0; at < data.size(); at += line) {
        const auto part = data.subspan(at, std::min(line, data.size() - at));
        if (all_zero(part)) continue;
        std::string text;
        for (const u8 byte : part) {
            char two[4];
            std::snprintf(two, sizeof two, "%02x ", byte);
            text += two;
        }
        entries_.emplace_back(path(name) + "[" + hex(at, 1) + "]", text);
    }
}

void StateInspector::size(std::string_view name, u64& count, u64) { number(name, count, 8); }

std::string difference(const StateInspector::Entries& left, const StateInspector::Entries& right, std::size_t most) {
    if (left == right) return "";
    const std::map<std::string, std::string> a{left.begin(), left.end()}, b{right.begin(), right.end()};
    std::set<std::string> names;
    for (const auto& [name, value] : a) names.insert(name);
    for (const auto& [name, value] : b) names.insert(name);
    const auto value_in = [](const auto& map, const std::string& name) {
        const auto found = map.find(name);
        return found == map.end() ? std::string("0") : found->second;
    };
    std::string text;
    std::size_t count = 0;
    for (const auto& name : names) {
        const auto x = value_in(a, name), y = value_in(b, name);
        if (x == y) continue;
        if (count++ == most) return text + "...\n";
        text += name + ": " + x + " / " + y + "\n";
    }
    return text;
}

}  // namespace retrace
