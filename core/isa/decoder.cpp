#include "core/isa/decoder.hpp"

#include <algorithm>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"
#include "core/isa/rows.hpp"

namespace retrace {
namespace {

// Mandatory prefixes, in the order of Decoder::first_.
constexpr std::array<u8, 4> mandatory{0x00, 0x66, 0xf3, 0xf2};

constexpr unsigned map_of(const Row& row) {
    switch (row.opcode >> 8) {
        case 0x00: return 0;
        case 0x0f: return 1;
        case 0x38: return 2;
        default: return 3;
    }
}

// A part of an instruction behind its ModRM operand.
enum class Field : u8 { None, Byte, SignedByte, Word, Wide, SignedWide, Far, One, Offset };

// What the decoder must know of a row, worked out once.
struct Shape {
    Field field = Field::None, field2 = Field::None;
    bool modrm = false;
    bool register_only = false;  // mod is ignored (MOV to and from CRn, DRn, TRn)
    bool opcode_register = false;
    bool byte_width = false;
    bool segment_register = false;
    u16 traits = 0;
};

constexpr Field field_of(Form form) {
    using enum Form;
    switch (form) {
        case Ib: return Field::Byte;
        case Ibs: case Jb: return Field::SignedByte;
        case Iw: return Field::Word;
        case Iz: case Iv: return Field::Wide;
        case Jz: return Field::SignedWide;
        case Ap: return Field::Far;
        case One: return Field::One;
        case Ob: case Ov: return Field::Offset;
        default: return Field::None;
    }
}

constexpr bool is_wide(Form form) {
    using enum Form;
    switch (form) {
        case Ev: case Ewv: case Gv: case Rv: case Zv: case Iz: case Iv: case Ov: case Xv: case Yv: case Eax: case Jz: case Jb: return true;
        default: return false;
    }
}

constexpr bool is_byte(Form form) {
    using enum Form;
    switch (form) {
        case Eb: case Gb: case Zb: case Ob: case Xb: case Yb: case Al: return true;
        default: return false;
    }
}

constexpr Shape shape_of(const Row& row) {
    Shape shape;
    bool wide = false, byte = false;
    for (const Form form : row.operands) {
        wide |= is_wide(form);
        byte |= is_byte(form);
        shape.opcode_register |= form == Form::Zb || form == Form::Zv;
        shape.register_only |= form == Form::Rd;
        shape.segment_register |= form == Form::Sw;
        if (const Field field = field_of(form); field != Field::None) (shape.field == Field::None ? shape.field : shape.field2) = field;
    }
    shape.byte_width = byte && !wide;
    shape.modrm = has_modrm(row);
    if (shape.modrm) shape.traits |= Instruction::has_modrm;
    if (row.kind & kind::ends_block) shape.traits |= Instruction::ends_block;
    if (row.op == Op::Invalid) shape.traits |= Instruction::invalid;
    if (shape.field == Field::Offset) shape.traits |= Instruction::memory;
    return shape;
}

constexpr auto make_shapes() {
    std::array<Shape, rows.size()> all{};
    for (std::size_t at = 0; at < rows.size(); ++at) all[at] = shape_of(rows[at]);
    return all;
}
constexpr auto shapes = make_shapes();

// Two rows for one encoding do not compile.
constexpr CpuModel first_model(const Row& row) {
    for (const auto& each : cpu_models)
        if (features_of(each.model) & feature(row.since)) return each.model;
    return CpuModel::Max;
}

constexpr bool collide(const Row& a, const Row& b) {
    if (a.opcode >= b.opcode + opcodes_of(b) || b.opcode >= a.opcode + opcodes_of(a)) return false;
    if (a.prefix != b.prefix || ((a.kind | b.kind) & kind::fallback)) return false;
    if (first_model(a) > b.until || first_model(b) > a.until) return false;
    const auto reg_of = [](const Row& row) { return row.modrm >= 0 ? (row.modrm >> 3) & 7 : row.reg; };
    if (reg_of(a) >= 0 && reg_of(b) >= 0 && reg_of(a) != reg_of(b)) return false;
    if (a.modrm >= 0 && b.modrm >= 0 && a.modrm != b.modrm) return false;
    const auto registers = [](const Row& row) { return row.modrm >= 0xc0 || (row.kind & kind::reg_only); };
    const auto memory = [](const Row& row) { return (row.kind & kind::mem_only) != 0; };
    return !((registers(a) && memory(b)) || (registers(b) && memory(a)));
}

constexpr std::size_t first_collision() {
    for (std::size_t a = 1; a < rows.size(); ++a)
        for (std::size_t b = a + 1; b < rows.size(); ++b)
            if (rows[a].opcode >> 4 == rows[b].opcode >> 4 && collide(rows[a], rows[b])) return a;
    return 0;
}
static_assert(first_collision() == 0, "two rows for one encoding");
static_assert(rows.size() < 0x4000, "an entry has 14 bits for a row");

// Elsewhere a prefix that selects nothing changes widths and repetition or nothing at all; MMX and SSE opcodes are #UD with one that they do
// not have (seen on processors; the SDM calls it reserved).
constexpr bool wants_no_prefix(const Row& row) {
    if (row.op == Op::Nop || row.op == Op::Pause || row.op == Op::Crc32) return false;
    if (row.op == Op::Movbe) return true;
    switch (row.since) {
        case Since::Mmx: case Since::Sse: case Since::Sse2: case Since::Sse3: case Since::Ssse3: case Since::Sse41: case Since::Sse42:
        case Since::Aes: case Since::Pclmul: case Since::Fxsr: case Since::Clflush: case Since::Rdrand: return row.prefix == 0 && row.opcode > 0xff && row.op != Op::Fisttp;
        default: return false;
    }
}

struct Addressing {
    u8 base, index;
    Segment segment;
};

constexpr u8 bx = 3, bp = 5, si = 6, di = 7;
constexpr std::array<Addressing, 8> addressing16{{{bx, si, Segment::Ds},
                                                  {bx, di, Segment::Ds},
                                                  {bp, si, Segment::Ss},
                                                  {bp, di, Segment::Ss},
                                                  {si, no_register, Segment::Ds},
                                                  {di, no_register, Segment::Ds},
                                                  {bp, no_register, Segment::Ss},
                                                  {bx, no_register, Segment::Ds}}};

}  // namespace

Decoder::Decoder(CpuModel model, Features features)
    : model_{model}
    , longest_{static_cast<u8>(model == CpuModel::I286 ? 10 : most_bytes)}
    , two_byte_{model != CpuModel::I8086}
    , checks_lock_{model >= CpuModel::I386}
    , segment_mask_{static_cast<u8>(model == CpuModel::I8086 ? 3 : 7)} {
    for (const unsigned byte : {0x26u, 0x2eu, 0x36u, 0x3eu}) prefixes_[byte] = Prefix::Segment;
    prefixes_[0xf0] = Prefix::Lock;
    prefixes_[0xf2] = Prefix::Repne;
    prefixes_[0xf3] = Prefix::Rep;
    if (model < CpuModel::I386) {
        prefixes_[0xf1] = Prefix::Lock;  // the 8086 decodes F1 as F0, the 286 takes it as a prefix without effect
    } else {
        prefixes_[0x64] = prefixes_[0x65] = Prefix::Segment;
        prefixes_[0x66] = Prefix::Operand;
        prefixes_[0x67] = Prefix::Address;
    }

    // Rows of this model by map and opcode.
    std::vector<std::vector<u16>> candidates(4 * 256);
    for (std::size_t at = 1; at < rows.size(); ++at) {
        const Row& row = rows[at];
        if (!(features & feature(row.since)) || model > row.until) continue;
        for (unsigned n = 0; n < opcodes_of(row); ++n) candidates[map_of(row) * 256 + (row.opcode & 255) + n].push_back(static_cast<u16>(at));
    }
    for (unsigned at = 0; at < 4 * 256; ++at)
        if (!candidates[at].empty()) fill(at / 256, at % 256, candidates[at]);
}

void Decoder::fill(unsigned map, unsigned opcode, std::span<const u16> candidates) {
    const bool all_alike = std::none_of(candidates.begin(), candidates.end(), [](u16 at) { return rows[at].prefix != 0 || wants_no_prefix(rows[at]); });
    for (unsigned prefix = 0; prefix < 4; ++prefix)
        first_[map * 4 + prefix][opcode] = prefix && all_alike ? first_[map * 4][opcode] : resolve(prefix, candidates);
}

Decoder::Entry Decoder::resolve(unsigned prefix, std::span<const u16> candidates) {
    std::array<std::array<u16, 8>, 16> cells{};  // [register form * 8 + reg][rm]
    Entry plain = 0;
    for (const u16 at : candidates) {
        const Row& row = rows[at];
        if (row.prefix != mandatory[prefix] && (row.prefix != 0 || (wants_no_prefix(row) && !((row.op == Op::Rdrand || row.op == Op::Movbe) && prefix == 1)))) continue;
        if (!shapes[at].modrm) {
            plain = row.prefix == mandatory[prefix] ? at : plain == 0 ? at : plain;
            continue;
        }
        for (unsigned side = 0; side < 2; ++side) {
            if ((side == 0 && (row.kind & kind::reg_only)) || (side == 1 && (row.kind & kind::mem_only))) continue;
            for (unsigned reg = 0; reg < 8; ++reg) {
                if (row.reg >= 0 && static_cast<unsigned>(row.reg) != reg) continue;
                for (unsigned rm = 0; rm < 8; ++rm) {
                    if (row.modrm >= 0 && (side == 0 || static_cast<unsigned>(row.modrm) != (0xc0 | reg << 3 | rm))) continue;
                    u16& cell = cells[side * 8 + reg][rm];
                    const auto rank = [&](u16 candidate) {
                        const Row& each = rows[candidate];
                        return candidate == 0 ? 0 : (each.kind & kind::fallback) ? 1 : each.prefix != mandatory[prefix] ? 2 : 3;
                    };
                    if (rank(at) > rank(cell)) cell = at;
                }
            }
        }
    }

    if (plain) return plain;

    bool all_alike = true;
    std::array<Entry, 16> by_mod_and_reg{};
    for (unsigned at = 0; at < 16; ++at) {
        const auto& cell = cells[at];
        if (std::all_of(cell.begin(), cell.end(), [&](u16 row) { return row == cell[0]; })) {
            by_mod_and_reg[at] = cell[0];
        } else {
            by_mod_and_reg[at] = static_cast<Entry>(by_rm | rms_.size());
            rms_.push_back(cell);
        }
        all_alike &= by_mod_and_reg[at] == by_mod_and_reg[0];
    }
    if (all_alike) return by_mod_and_reg[0];
    regs_.push_back(by_mod_and_reg);
    return static_cast<Entry>(by_reg | (regs_.size() - 1));
}

bool Decoder::may_have_modrm(bool two_bytes, u8 opcode) const {
    for (unsigned prefix = 0; prefix < 2; ++prefix)
        if (const Entry entry = first_[(two_bytes ? 4u : 0u) + prefix][opcode]; entry >= by_reg || shapes[entry].modrm) return true;
    return false;
}

Decoder::Result Decoder::decode(std::span<const u8> bytes, bool code32, Instruction& out, Constants* constants) const {
    const u8* const begin = bytes.data();
    const unsigned end = static_cast<unsigned>(std::min<std::size_t>(bytes.size(), longest_));
    unsigned at = 0;

    // What happens when the bytes are used up.
    const auto used_up = [&](u16 traits) {
        if (end < longest_) return Result::NeedsMore;
        out.row = 0;
        out.traits = static_cast<u16>(traits | Instruction::too_long | Instruction::ends_block);
        out.length = longest_;
        return Result::Done;
    };

    u16 traits = code32 ? Instruction::code32 : u16{0};
    out.immediate = out.displacement = 0;
    out.immediate2 = 0;
    out.reg = out.rm = out.scale = 0;
    out.base = out.index = no_register;
    out.operand_width = code32 ? 4 : 2;

    // Prefixes. Of several segments the last counts, of F2 and F3 too.
    bool address32 = code32;
    unsigned prefix = 0;
    u8 segment = static_cast<u8>(Segment::Ds);
    u8 byte;
    for (;;) {
        if (at == end) return used_up(traits);
        byte = begin[at++];
        const Prefix kind = prefixes_[byte];
        if (kind == Prefix::None) break;
        switch (kind) {
            case Prefix::Segment:
                traits |= Instruction::segment_override;
                segment = byte >= 0x64 ? static_cast<u8>(byte - 0x60) : static_cast<u8>((byte >> 3) & 3);
                break;
            case Prefix::Operand:
                traits |= Instruction::operand_override;
                if (prefix == 0) prefix = 1;
                break;
            case Prefix::Address: address32 = !code32; break;
            case Prefix::Lock: traits |= Instruction::lock; break;
            case Prefix::Rep:
                prefix = 2;
                traits = static_cast<u16>((traits | Instruction::rep) & ~Instruction::repne);
                break;
            default:
                prefix = 3;
                traits = static_cast<u16>((traits | Instruction::repne) & ~Instruction::rep);
                break;
        }
    }
    if (address32) traits |= Instruction::address32;

    // The opcode.
    unsigned map = 0;
    if (byte == 0x0f && two_byte_) {
        if (at == end) return used_up(traits);
        byte = begin[at++];
        map = 1;
        if (byte == 0x38 || byte == 0x3a) {
            map = byte == 0x38 ? 2 : 3;
            if (at == end) return used_up(traits);
            byte = begin[at++];
        }
    }
    out.opcode = byte;
    Entry entry = first_[map * 4 + prefix][byte];
    u8 modrm = 0;
    if (entry >= by_reg) {
        if (at == end) return used_up(traits);
        modrm = begin[at];
        entry = regs_[entry & index][(modrm >= 0xc0 ? 8u : 0u) + ((modrm >> 3) & 7u)];
        if (entry >= by_rm) entry = rms_[entry & index][modrm & 7];
    }
    const Row& row = rows[entry];
    const Shape& shape = shapes[entry];
    out.row = entry;
    traits |= shape.traits;

    // A prefix that selected the row is no repetition and no width.
    bool wide = code32;
    if (row.prefix >= 0xf2) traits = static_cast<u16>(traits & ~(Instruction::rep | Instruction::repne));
    if ((traits & Instruction::operand_override) && row.prefix != 0x66) wide = !wide;
    out.operand_width = shape.byte_width ? 1 : wide ? 4 : 2;

    if (shape.opcode_register) out.rm = byte & 7;
    if (shape.modrm) {
        if (at == end) return used_up(traits);
        modrm = begin[at++];
        if (map == 0 && (byte & 0xf8) == 0xd8) out.immediate = modrm;  // the x87 keeps it as part of its opcode
        const u8 mod = modrm >> 6, rm = modrm & 7;
        out.reg = static_cast<u8>((modrm >> 3) & (shape.segment_register ? segment_mask_ : 7));
        unsigned displacement = 0;  // bytes of it
        if (mod == 3 || shape.register_only) {
            out.rm = rm;
        } else {
            traits |= Instruction::memory;
            Segment natural = Segment::Ds;
            if (address32) {
                displacement = mod == 0 ? 0 : mod == 1 ? 1 : 4;
                u8 base = rm;
                if (rm == 4) {
                    if (at == end) return used_up(traits);
                    const u8 sib = begin[at++];
                    base = sib & 7;
                    const u8 scaled = (sib >> 3) & 7;
                    if (scaled != 4) {
                        out.index = scaled;
                        out.scale = sib >> 6;
                    }
                }
                if (base == 5 && mod == 0)
                    displacement = 4;
                else
                    out.base = base;
                if (out.base == 4 || out.base == 5) natural = Segment::Ss;
            } else {
                displacement = mod == 2 ? 2 : mod;
                if (mod == 0 && rm == 6) {
                    displacement = 2;
                } else {
                    out.base = addressing16[rm].base;
                    out.index = addressing16[rm].index;
                    natural = addressing16[rm].segment;
                }
            }
            if (!(traits & Instruction::segment_override)) segment = static_cast<u8>(natural);
        }
        if (displacement) {
            if (at + displacement > end) return used_up(traits);
            if (constants) constants->displacement_at = static_cast<u8>(at), constants->displacement_bytes = static_cast<u8>(displacement);
            out.displacement = displacement == 1   ? static_cast<u32>(static_cast<i8>(begin[at]))
                               : displacement == 2 ? static_cast<u32>(load<i16>(begin + at))
                                                   : load<u32>(begin + at);
            at += displacement;
        }
    }
    out.segment = segment;

    // Immediates.
    if (shape.field != Field::None) {
        const unsigned width = wide ? 4 : 2, immediate_at = at;
        switch (shape.field) {
            case Field::Byte:
            case Field::SignedByte:
                if (at == end) return used_up(traits);
                out.immediate = shape.field == Field::Byte ? begin[at] : static_cast<u32>(static_cast<i8>(begin[at]));
                ++at;
                break;
            case Field::Word:
                if (at + 2 > end) return used_up(traits);
                out.immediate = load<u16>(begin + at);
                at += 2;
                break;
            case Field::Wide:
            case Field::SignedWide:
            case Field::Far:
                if (at + width > end) return used_up(traits);
                out.immediate = wide                               ? load<u32>(begin + at)
                                : shape.field == Field::SignedWide ? static_cast<u32>(load<i16>(begin + at))
                                                                   : load<u16>(begin + at);
                at += width;
                if (shape.field == Field::Far) {
                    if (at + 2 > end) return used_up(traits);
                    out.immediate2 = load<u16>(begin + at);
                    at += 2;
                }
                break;
            case Field::One: out.immediate = 1; break;
            case Field::Offset: {
                const unsigned size = address32 ? 4 : 2;
                if (at + size > end) return used_up(traits);
                out.displacement = address32 ? load<u32>(begin + at) : load<u16>(begin + at);
                at += size;
                break;
            }
            case Field::None: break;
        }
        if (constants) {
            constants->immediate_at = static_cast<u8>(immediate_at);
            constants->immediate_bytes = static_cast<u8>(at - immediate_at);
            constants->immediate_signed = shape.field == Field::SignedByte || shape.field == Field::SignedWide;
            constants->others = shape.field == Field::Far || shape.field == Field::Offset || shape.field2 != Field::None;
        }
        if (shape.field2 == Field::Byte) {  // ENTER's level
            if (at == end) return used_up(traits);
            out.immediate2 = begin[at++];
        }
    }

    if ((traits & Instruction::lock) && checks_lock_ && !((row.kind & kind::lockable) && (traits & Instruction::memory)))
        traits |= Instruction::invalid | Instruction::ends_block;
    out.traits = traits;
    out.length = static_cast<u8>(at);
    return Result::Done;
}

}  // namespace retrace
