// StateVisitor reads or writes described state; visit() and visit_fields() walk it.
#pragma once

#include <array>
#include <concepts>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/types.hpp"
#include "core/state/describe.hpp"

namespace retrace {

class StateVisitor {
public:
    virtual ~StateVisitor() = default;

    // What follows up to leave() belongs to a group of this name.
    virtual void enter(std::string_view name) = 0;
    virtual void leave() = 0;
    // A number of `width` bytes (1, 2, 4, 8), zero-extended.
    virtual void number(std::string_view name, u64& value, unsigned width) = 0;
    // Bytes of a fixed count; large ones (RAM) are mostly zero pages.
    virtual void bytes(std::string_view name, std::span<u8> data) = 0;
    // The size of what follows; a loader sets it. `limit` bounds what a file may claim.
    virtual void size(std::string_view name, u64& count, u64 limit) = 0;
    // True if this visitor writes into the machine. Caches and host pointers are rebuilt afterwards in restored().
    [[nodiscard]] virtual bool loading() const { return false; }
};

namespace detail {

// No container in described state holds more elements than this.
constexpr u64 most_elements = u64{1} << 28;

template <class T> inline constexpr bool is_array = false;
template <class T, std::size_t N> inline constexpr bool is_array<std::array<T, N>> = true;
template <class T> inline constexpr bool is_sequence = false;
template <class T> inline constexpr bool is_sequence<std::vector<T>> = true;
template <class T> inline constexpr bool is_sequence<std::deque<T>> = true;
template <> inline constexpr bool is_sequence<std::string> = true;
template <class T> inline constexpr bool is_optional = false;
template <class T> inline constexpr bool is_optional<std::optional<T>> = true;
template <class T> inline constexpr bool is_map = false;
template <class K, class V> inline constexpr bool is_map<std::map<K, V>> = true;

template <class T>
concept Byte = std::same_as<T, u8> || std::same_as<T, char>;

}  // namespace detail

template <Described T>
void visit_fields(StateVisitor& visitor, T& state);

// Visits one value of any kind that described state may hold, or an object with visit(StateVisitor&).
template <class T>
void visit(StateVisitor& visitor, std::string_view name, T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        u64 number = value ? 1 : 0;
        visitor.number(name, number, 1);
        if (visitor.loading()) value = number != 0;
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
        using Unsigned = std::make_unsigned_t<T>;
        u64 number = static_cast<Unsigned>(value);
        visitor.number(name, number, sizeof(T));
        if (visitor.loading()) value = static_cast<T>(static_cast<Unsigned>(number));
    } else if constexpr (Described<T>) {
        visitor.enter(name);
        visit_fields(visitor, value);
        visitor.leave();
    } else if constexpr (detail::is_array<T>) {
        if constexpr (detail::Byte<typename T::value_type>) {
            visitor.bytes(name, {reinterpret_cast<u8*>(value.data()), value.size()});
        } else {
            visitor.enter(name);
            for (std::size_t i = 0; i < value.size(); ++i) visit(visitor, std::to_string(i), value[i]);
            visitor.leave();
        }
    } else if constexpr (detail::is_sequence<T>) {
        visitor.enter(name);
        u64 count = value.size();
        visitor.size("size", count, detail::most_elements);
        if (visitor.loading()) value.resize(static_cast<std::size_t>(count));
        if constexpr (detail::Byte<typename T::value_type> && !std::is_same_v<T, std::deque<u8>>) {
            visitor.bytes("data", {reinterpret_cast<u8*>(value.data()), value.size()});
        } else {
            for (std::size_t i = 0; i < value.size(); ++i) visit(visitor, std::to_string(i), value[i]);
        }
        visitor.leave();
    } else if constexpr (detail::is_optional<T>) {
        visitor.enter(name);
        bool present = value.has_value();
        visit(visitor, "present", present);
        if (visitor.loading()) {
            if (present) value.emplace(); else value.reset();
        }
        if (present) visit(visitor, "value", *value);
        visitor.leave();
    } else if constexpr (detail::is_map<T>) {
        visitor.enter(name);
        u64 count = value.size();
        visitor.size("size", count, detail::most_elements);
        if (visitor.loading()) {
            value.clear();
            for (u64 i = 0; i < count; ++i) {
                typename T::key_type key{};
                visit(visitor, "key", key);
                visit(visitor, "value", value[key]);
            }
        } else {
            for (auto& [key, item] : value) {
                auto copy = key;
                visit(visitor, "key", copy);
                visit(visitor, "value", item);
            }
        }
        visitor.leave();
    } else {
        visitor.enter(name);
        value.visit(visitor);
        visitor.leave();
    }
}

template <Described T>
void visit_fields(StateVisitor& visitor, T& state) {
    std::apply([&](const auto&... each) { (visit(visitor, each.name, state.*(each.member)), ...); }, fields<T>);
}

}  // namespace retrace
