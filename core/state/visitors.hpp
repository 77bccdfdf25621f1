// The visitors: saver, loader, digest, inspector, and the difference of two states.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/state/visitor.hpp"

namespace retrace {

// Writes state as a flat byte string. Zero pages of large byte fields take one byte.
class StateSaver final : public StateVisitor {
public:
    void enter(std::string_view) override {}
    void leave() override {}
    void number(std::string_view name, u64& value, unsigned width) override;
    void bytes(std::string_view name, std::span<u8> data) override;
    void size(std::string_view name, u64& count, u64 limit) override;

    [[nodiscard]] std::vector<u8> take() { return std::move(out_); }

private:
    std::vector<u8> out_;
};

// Reads what StateSaver wrote into the same description. Throws HostError if the bytes do not fit it.
class StateLoader final : public StateVisitor {
public:
    explicit StateLoader(std::span<const u8> in) : in_{in} {}

    void enter(std::string_view) override {}
    void leave() override {}
    void number(std::string_view name, u64& value, unsigned width) override;
    void bytes(std::string_view name, std::span<u8> data) override;
    void size(std::string_view name, u64& count, u64 limit) override;
    [[nodiscard]] bool loading() const override { return true; }

    // Throws HostError unless everything was read.
    void finish() const;

private:
    std::span<const u8> take(std::size_t count);
    std::span<const u8> in_;
};

// The fingerprint of a state: XXH3, 64 bits.
class StateDigest final : public StateVisitor {
public:
    StateDigest();
    ~StateDigest() override;

    void enter(std::string_view) override {}
    void leave() override {}
    void number(std::string_view name, u64& value, unsigned width) override;
    void bytes(std::string_view name, std::span<u8> data) override;
    void size(std::string_view name, u64& count, u64 limit) override;

    [[nodiscard]] u64 value() const;

private:
    struct Hash;
    std::unique_ptr<Hash> hash_;
};

// State as readable (path, value) pairs, such as ("pit.channels.0.count", "1234h"). Bytes become one
// pair per 16 that are not all zero.
class StateInspector final : public StateVisitor {
public:
    using Entries = std::vector<std::pair<std::string, std::string>>;

    void enter(std::string_view name) override;
    void leave() override;
    void number(std::string_view name, u64& value, unsigned width) override;
    void bytes(std::string_view name, std::span<u8> data) override;
    void size(std::string_view name, u64& count, u64 limit) override;

    [[nodiscard]] Entries take() { return std::move(entries_); }

private:
    [[nodiscard]] std::string path(std::string_view name) const;

    Entries entries_;
    std::vector<std::string> groups_;
};

// What differs between two states of one description, a line each, at most `most`; "" if nothing does.
std::string difference(const StateInspector::Entries& left, const StateInspector::Entries& right, std::size_t most = 40);

// Shorthands for anything with visit(StateVisitor&).
template <class T> std::vector<u8> save(T& object) { StateSaver v; object.visit(v); return v.take(); }
template <class T> void load_state(T& object, std::span<const u8> in) { StateLoader v{in}; object.visit(v); v.finish(); }
template <class T> u64 digest(T& object) { StateDigest v; object.visit(v); return v.value(); }
template <class T> StateInspector::Entries inspect(T& object) { StateInspector v; object.visit(v); return v.take(); }

}  // namespace retrace
