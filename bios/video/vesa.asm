; Function 4Fh: VESA's extensions, version 3.0, on the registers of Bochs' display adapter (dispi.asm).
; (VESA BIOS Extension Core Functions Standard 3.0; VBE/DDC Standard 1.1.)
;
; AX comes back as 004Fh; as 014Fh if the function failed; as it was if there is no such function or no such adapter.

bda_vesa_mode       equ 0x4BA           ; word, of the last VESA mode set, with bits 14 and 15

vesa_service:
        call dispi_present
        jne  .unknown
        cmp  al, 0x15
        je   .ddc
        cmp  al, (vesa_functions_end - vesa_functions) / 2
        jae  .unknown
        xor  ah, ah
        shl  ax, 1
        mov  si, ax
        mov  ax, [bp + frame_ax]
        call [cs:vesa_functions + si]   ; carry: it failed
.end:   mov  ax, 0x004F
        jnc  .told
        inc  ah
.told:  mov  [bp + frame_ax], ax
.unknown:
        ret
.ddc:   call vesa_ddc
        jmp  .end

vesa_functions:
        dw   vesa_information           ; 00
        dw   vesa_mode_information      ; 01
        dw   vesa_set_mode              ; 02
        dw   vesa_get_mode              ; 03
        dw   vesa_state                 ; 04
        dw   vesa_window                ; 05
        dw   vesa_line_length           ; 06
        dw   vesa_display_start         ; 07
        dw   vesa_dac_width             ; 08
        dw   vesa_palette               ; 09
        dw   vesa_protected             ; 0A
        dw   vesa_pixel_clock           ; 0B
vesa_functions_end:
