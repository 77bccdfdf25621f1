; The video BIOS: an option ROM for a VGA, at C0000h. Everything here runs on an 8086.
;
;   +0  55h AAh, length in 512-byte units
;   +3  entry, called far by the system BIOS while it starts
;   +18h offset of what PCI wants to know
;   last byte: makes the sum of all bytes zero (filled in after assembly)
;
; INT 10h saves the caller's registers in a frame at SS:BP and calls the function with
; DS = 0, BP = frame, AX BX CX DX ES as the caller had them. A function leaves what it
; returns in the frame and may spoil every register except BP, SP and DS. Functions that
; nobody knows return with nothing changed.

        cpu  8086
        bits 16
        org  0

%include "layout.inc"

rom_size equ 32768

        db   0x55, 0xAA, rom_size / 512
        jmp  near power_on
        times 0x18 - ($ - $$) db 0
        dw   pci_data
        times 0x1E - ($ - $$) db 0
        db   "IBM VGA compatible. Retrace video BIOS", 0 ; programs look for IBM at +1Eh

; (PCI Local Bus Specification 2.1, 6.3.1.2)
        align 4, db 0
pci_data:
        db   "PCIR"
        dw   0x1234, 0x1111, 0          ; the adapter it is for
        dw   24                         ; length
        db   0                          ; revision
        db   0, 0, 3                    ; a VGA
        dw   rom_size / 512
        dw   0x0100
        db   0, 0x80                    ; for a PC; the last image
        dw   0

; ---- start -------------------------------------------------------------------
power_on:
        push ax
        push bx
        push cx
        push dx
        push si
        push di
        push bp
        push ds
        push es
        cld
        xor  ax, ax
        mov  ds, ax
        mov  dx, port_enable
        mov  al, 1
        out  dx, al
        call set_vectors
        mov  ax, [bda_equipment]
        and  al, 0xCF
        or   al, 0x20           ; colour, 80 columns
        mov  [bda_equipment], ax
        mov  byte [bda_control], control_256k
        mov  byte [bda_switches], 0xF9
        mov  byte [bda_vga_flags], vga_active | vga_400_lines
        mov  byte [bda_display_code], 0x08
        mov  word [bda_save_pointer], save_table
        mov  [bda_save_pointer + 2], cs
        mov  ax, 0x0003
        int  0x10
        pop  es
        pop  ds
        pop  bp
        pop  di
        pop  si
        pop  dx
        pop  cx
        pop  bx
        pop  ax
        retf

set_vectors:
        cli
        mov  ax, [vector(0x10)]     ; what the system BIOS offered stays at 42h
        mov  [vector(0x42)], ax
        mov  ax, [vector(0x10) + 2]
        mov  [vector(0x42) + 2], ax
        mov  ax, video_service
        mov  [vector(0x10)], ax
        mov  [vector(0x10) + 2], cs
        mov  [vector(0x6D)], ax
        mov  [vector(0x6D) + 2], cs
        mov  word [vector(0x1F)], font_8x8 + 128 * 8
        mov  [vector(0x1F) + 2], cs
        mov  word [vector(0x43)], font_8x16
        mov  [vector(0x43) + 2], cs
        sti
        ret

; ---- INT 10h -----------------------------------------------------------------
video_service:
        sti
        cld
        push es
        push ds
        push bp
        push di
        push si
        push dx
        push cx
        push bx
        push ax
        mov  bp, sp
        xor  si, si
        mov  ds, si
        cmp  ah, (functions_end - functions) / 2
        jae  .others
        mov  al, ah
        xor  ah, ah
        shl  ax, 1
        mov  si, ax
        mov  ax, [bp + frame_ax]
        call [cs:functions + si]
.done:  pop  ax
        pop  bx
        pop  cx
        pop  dx
        pop  si
        pop  di
        pop  bp
        pop  ds
        pop  es
        iret
.others:
        cmp  ah, 0x4F
        jne  .done
        call vesa_service
        jmp  .done

functions:
        dw   set_mode               ; 00
        dw   set_cursor_shape       ; 01
        dw   set_cursor_position    ; 02
        dw   get_cursor             ; 03
        dw   get_light_pen          ; 04
        dw   set_page               ; 05
        dw   scroll_window          ; 06
        dw   scroll_window          ; 07
        dw   read_character         ; 08
        dw   write_character        ; 09
        dw   write_character        ; 0A
        dw   set_cga_palette        ; 0B
        dw   write_pixel            ; 0C
        dw   read_pixel             ; 0D
        dw   teletype               ; 0E
        dw   get_mode               ; 0F
        dw   palette_service        ; 10
        dw   font_service           ; 11
        dw   setup_service          ; 12
        dw   write_string           ; 13
        dw   nothing                ; 14
        dw   nothing                ; 15
        dw   nothing                ; 16
        dw   nothing                ; 17
        dw   nothing                ; 18
        dw   nothing                ; 19
        dw   display_combination    ; 1A
        dw   get_state_information  ; 1B
        dw   save_restore           ; 1C
functions_end:

nothing:
        ret

; Functions of two levels: find the routine for AL in a table of (number, routine)
; at CS:SI that ends with number FFh. Not in it: nothing happens.
sub_function:
        cmp  byte [cs:si], 0xFF
        je   nothing
        cmp  al, [cs:si]
        je   .found
        add  si, 3
        jmp  sub_function
.found: jmp  [cs:si + 1]

; SI = how the current mode keeps its picture.
find_class:
        push ax
        mov  si, [bda_mode]
        and  si, 0x1F
        mov  al, [cs:mode_classes + si]
        xor  ah, ah
        mov  si, ax
        pop  ax
        ret

%include "modes.asm"
%include "parameters.asm"
%include "cursor.asm"
%include "scroll.asm"
%include "characters.asm"
%include "glyphs.asm"
%include "pixels.asm"
%include "palette.asm"
%include "default_colours.asm"
%include "fonts.asm"
%include "setup.asm"
%include "information.asm"
%include "state.asm"
%include "vesa.asm"
%include "dispi.asm"
%include "vesa_information.asm"
%include "vesa_mode.asm"
%include "vesa_state.asm"
%include "vesa_picture.asm"
%include "vesa_colours.asm"
%include "vesa_protected.asm"
%include "vesa_modes.asm"
%include "vesa386.asm"
%include "edid.asm"
%include "font_data.asm"

        times rom_size - 1 - ($ - $$) db 0
        db   0                      ; the checksum
