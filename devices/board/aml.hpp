// Aml: ACPI machine language put together from its encodings, as much of it as a plain description of devices needs.
// (ACPI specification 1.0b, chapter 16; resource descriptors: 6.4.)
//
// Every function returns the bytes of one term; terms are joined by `+`.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "core/base/ensure.hpp"
#include "core/base/types.hpp"

namespace retrace::aml {

class Bytes {
public:
    Bytes() = default;
    Bytes(std::initializer_list<u8> bytes) : data_{bytes} {}

    Bytes& operator+=(const Bytes& more) {
        data_.insert(data_.end(), more.data_.begin(), more.data_.end());
        return *this;
    }
    friend Bytes operator+(Bytes left, const Bytes& right) { return left += right; }
    [[nodiscard]] std::size_t size() const { return data_.size(); }
    [[nodiscard]] const std::vector<u8>& data() const { return data_; }

private:
    std::vector<u8> data_;
};

inline Bytes little_endian(u64 value, unsigned width) {
    Bytes bytes;
    for (unsigned i = 0; i < width; ++i) bytes += Bytes{static_cast<u8>(value >> (8 * i))};
    return bytes;
}

inline Bytes text(std::string_view letters) {
    Bytes bytes;
    for (const char letter : letters) bytes += Bytes{static_cast<u8>(letter)};
    return bytes;
}

// PkgLength counts itself (16.2.4).
inline Bytes sized(const Bytes& content) {
    std::size_t size = content.size() + 1;
    if (size < 0x40) return Bytes{static_cast<u8>(size)} + content;
    size = content.size() + 2;
    if (size < 0x1000) return Bytes{static_cast<u8>(0x40 | (size & 15)), static_cast<u8>(size >> 4)} + content;
    size = content.size() + 3;
    ENSURE(size < 0x100000, "a package of AML fits its length");
    return Bytes{static_cast<u8>(0x80 | (size & 15)), static_cast<u8>(size >> 4), static_cast<u8>(size >> 12)} + content;
}

// ---- data

inline Bytes integer(u32 value) {
    if (value <= 1) return {static_cast<u8>(value)};
    if (value <= 0xff) return Bytes{0x0a} + little_endian(value, 1);
    if (value <= 0xffff) return Bytes{0x0b} + little_endian(value, 2);
    return Bytes{0x0c} + little_endian(value, 4);
}

inline Bytes package(std::initializer_list<Bytes> elements) {
    Bytes content{static_cast<u8>(elements.size())};
    for (const auto& each : elements) content += each;
    return Bytes{0x12} + sized(content);
}

inline Bytes buffer(const Bytes& content) { return Bytes{0x11} + sized(integer(static_cast<u32>(content.size())) + content); }

// "PNP0303": three letters of five bits, four hexadecimal digits; the bytes in the order of the letters.
inline Bytes eisa_id(std::string_view id) {
    ENSURE(id.size() == 7, "an EISA identifier has seven characters");
    u32 value = 0;
    for (unsigned i = 0; i < 3; ++i) value = value << 5 | (static_cast<u32>(id[i]) - '@');
    for (unsigned i = 3; i < 7; ++i) value = value << 4 | static_cast<u32>(id[i] <= '9' ? id[i] - '0' : id[i] - 'A' + 10);
    return {0x0c, static_cast<u8>(value >> 24), static_cast<u8>(value >> 16), static_cast<u8>(value >> 8), static_cast<u8>(value)};
}

// ---- names. A name is four characters, "\\" or "_" as it may be before them.

inline Bytes name(std::string_view name, const Bytes& value) { return Bytes{0x08} + text(name) + value; }
inline Bytes scope(std::string_view name, const Bytes& terms) { return Bytes{0x10} + sized(text(name) + terms); }
inline Bytes device(std::string_view name, const Bytes& terms) { return Bytes{0x5b, 0x82} + sized(text(name) + terms); }
inline Bytes processor(std::string_view name, u8 id) { return Bytes{0x5b, 0x83} + sized(text(name) + Bytes{id} + little_endian(0, 4) + Bytes{0}); }

// ---- resources

inline Bytes io(u16 first, u8 count) { return Bytes{0x47, 0x01} + little_endian(first, 2) + little_endian(first, 2) + Bytes{1, count}; }
inline Bytes irq(unsigned number) { return Bytes{0x22} + little_endian(1u << number, 2); }
inline Bytes dma(unsigned channel) { return {0x2a, static_cast<u8>(1u << channel), 0x00}; }

enum class Space : u8 { Memory = 0, Io = 1, Buses = 2 };

// What a bridge passes on: fixed, `first` to `last`.
inline Bytes range16(Space space, u8 flags, u16 first, u16 last) {
    const u32 count = u32{last} - first + 1;
    return Bytes{0x88, 13, 0, static_cast<u8>(space), 0x0c, flags} + little_endian(0, 2) + little_endian(first, 2) + little_endian(last, 2) + little_endian(0, 2) +
           little_endian(count, 2);
}
inline Bytes range32(Space space, u8 flags, u32 first, u32 last) {
    return Bytes{0x87, 23, 0, static_cast<u8>(space), 0x0c, flags} + little_endian(0, 4) + little_endian(first, 4) + little_endian(last, 4) + little_endian(0, 4) +
           little_endian(last - first + 1, 4);
}

inline Bytes resources(const Bytes& descriptors) { return name("_CRS", buffer(descriptors + Bytes{0x79, 0x00})); }

}  // namespace retrace::aml
