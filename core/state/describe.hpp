// Describing state once. A plain struct lists its members; saving, loading, inspecting, fingerprinting and
// comparing are visitors of that list.
//
//     struct State { bool ran_out = false; u8 last_start = 0; };
//     template <> inline constexpr auto retrace::fields<State> = describe(
//         field("ran_out", &State::ran_out), field("last_start", &State::last_start));
//
// `describe` counts the members: forgetting one does not compile. Members may be numbers, enumerators, bool, described
// structs, std::array, std::vector, std::deque, std::optional, std::map and std::string of these; no C arrays.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace retrace {

template <class S, class M>
struct Field {
    const char* name;
    M S::*member;
};

template <class S, class M>
consteval Field<S, M> field(const char* name, M S::*member) {
    return {name, member};
}

namespace detail {

struct AnyMember {
    template <class T>
    operator T() const;  // only ever named, never called
};

template <class T, std::size_t... I>
consteval bool constructible_with(std::index_sequence<I...>) {
    return requires { T{(static_cast<void>(I), AnyMember{})...}; };
}

template <class T, std::size_t N = 0>
consteval std::size_t member_count() {
    static_assert(std::is_aggregate_v<T>, "state is a plain struct");
    if constexpr (constructible_with<T>(std::make_index_sequence<N + 1>{})) return member_count<T, N + 1>();
    else return N;
}

struct Undescribed {};

}  // namespace detail

template <class S, class... M>
consteval auto describe(Field<S, M>... members) {
    static_assert(sizeof...(M) == detail::member_count<S>(), "every member must be described, once");
    return std::tuple{members...};
}

// The description of T; specialise it beside the struct.
template <class T>
inline constexpr auto fields = detail::Undescribed{};

template <class T>
concept Described = !std::is_same_v<std::remove_cvref_t<decltype(fields<T>)>, detail::Undescribed>;

}  // namespace retrace
