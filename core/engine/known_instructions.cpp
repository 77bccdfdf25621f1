#include "core/engine/known_instructions.hpp"

#include "core/engine/handlers.hpp"

namespace retrace {

KnownInstructions::KnownInstructions(const Decoder& decoder) : decoder_{decoder} {
    for (unsigned byte = 0; byte < 256; ++byte) {
        const auto opcode = static_cast<u8>(byte);
        leads_[byte] = decoder.is_escape(opcode) ? Lead::Escape : !decoder.is_prefix(opcode) ? Lead::Opcode : opcode == 0x66 ? Lead::Wide : Lead::Unknown;
        escaped_leads_[byte] = opcode == 0x38 || opcode == 0x3a ? Lead::Unknown : Lead::Opcode;
        decides_[byte] = decoder.may_have_modrm(false, opcode) ? 0xffffff : 0xff;
        escaped_decides_[byte] = decoder.may_have_modrm(true, opcode) ? 0xffffff : 0xff;
        with_sib_[byte] = (byte & 7) == 4 && byte < 0xc0 ? 0xffffff : 0xffff;
    }
}

Decoder::Result KnownInstructions::decode_anew(std::span<const u8> bytes, bool code32, Instruction& out, u32 key) {
    Decoder::Constants c;
    out = {};
    const auto result = decoder_.decode(bytes, code32, out, &c);
    if (result != Decoder::Result::Done) return result;
    prepare(out, decoder_.model());
    if (key != 0 && !c.others && !out.has(Instruction::invalid | Instruction::too_long)) {
        Known& known = known_[place_of(key)] = {key, {c.displacement_at, c.displacement_bytes, true}, {c.immediate_at, c.immediate_bytes, c.immediate_signed}, out};
        known.instruction.displacement = 0;
        if (c.immediate_bytes != 0) known.instruction.immediate = 0;
    }
    return result;
}

}  // namespace retrace
