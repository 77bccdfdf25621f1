#include "core/engine/known_instructions.hpp"

#include "core/engine/handlers.hpp"

namespace retrace {

KnownInstructions::KnownInstructions(const Decoder& decoder) : decoder_{decoder} {
    for (unsigned byte = 0; byte < 256; ++byte) {
        const auto opcode = static_cast<u8>(byte);
        const auto lead = [&](bool escaped) { return decoder.may_have_modrm(escaped, opcode) ? Lead::WithModrm : Lead::Plain; };
        leads_[byte] = decoder.is_escape(opcode) ? Lead::Escape : !decoder.is_prefix(opcode) ? lead(false) : opcode == 0x66 ? Lead::Wide : Lead::Unknown;
        escaped_leads_[byte] = opcode == 0x38 || opcode == 0x3a ? Lead::Unknown : lead(true);
    }
}

Decoder::Result KnownInstructions::decode_anew(std::span<const u8> bytes, bool code32, Instruction& out, u32 key) {
    Decoder::Constants constants;
    out = {};
    const auto result = decoder_.decode(bytes, code32, out, &constants);
    if (result != Decoder::Result::Done) return result;
    prepare(out, decoder_.model());
    if (key != 0 && !constants.others && !out.has(Instruction::invalid | Instruction::too_long)) known_[place_of(key)] = {key, constants, out};
    return result;
}

}  // namespace retrace
