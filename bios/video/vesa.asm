; Function 4Fh: VESA's extensions, version 3.0, on the registers of Bochs' display adapter (ports 1CEh and 1CFh).
; (VESA BIOS Extension Core Functions Standard 3.0; VBE/DDC Standard 1.1.)
;
; AX comes back as 004Fh; as 014Fh if the function failed; as it was if there is no such function or no such adapter.

port_dispi          equ 0x1CE           ; index; data at 1CFh

dispi_id            equ 0
dispi_width         equ 1
dispi_height        equ 2
dispi_depth         equ 3
dispi_enable        equ 4
dispi_bank          equ 5
dispi_pitch         equ 6               ; in pixels
dispi_lines         equ 7               ; that memory has then
dispi_left          equ 8
dispi_top           equ 9
dispi_memory        equ 10              ; in units of 64 KiB

dispi_on            equ 0x01
dispi_8_bit_dac     equ 0x20
dispi_linear        equ 0x40
dispi_keep          equ 0x80

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

; ---- the adapter's registers -------------------------------------------------

; Zero: the adapter is there. Changes flags.
dispi_present:
        push ax
        mov  al, dispi_id
        call read_dispi
        and  al, 0xF0
        cmp  ax, 0xB0C0
        pop  ax
        ret

; AX = register AL.
read_dispi:
        push dx
        xor  ah, ah
        mov  dx, port_dispi
        out  dx, ax
        inc  dx
        in   ax, dx
        pop  dx
        ret

; Register AL = BX. Changes AX.
write_dispi:
        push dx
        xor  ah, ah
        mov  dx, port_dispi
        out  dx, ax
        inc  dx
        mov  ax, bx
        out  dx, ax
        pop  dx
        ret

; The same, and carry if the adapter did not take it.
try_dispi:
        push ax
        call write_dispi
        pop  ax
        call read_dispi
        cmp  ax, bx
        je   .taken                     ; and no carry
        stc
.taken: ret

; Zero: no mode of the linear frame buffer is on the screen. Changes AX.
test_linear:
        mov  al, dispi_enable
        call read_dispi
        test al, dispi_on
        ret

; The screen is the VGA's again. Keeps all but flags.
leave_linear:
        push ax
        push bx
        call dispi_present
        jne  .done
        mov  al, dispi_enable
        xor  bx, bx
        call write_dispi
.done:  pop  bx
        pop  ax
        ret

; AX = bytes of a pixel of the current mode.
current_pixel_bytes:
        mov  al, dispi_depth
        call read_dispi
        ; fall through
; AX = bytes of a pixel of AX bits.
pixel_bytes:
        push cx
        add  ax, 7
        mov  cl, 3
        shr  ax, cl
        pop  cx
        ret

; ---- 00h: ES:DI = 512 bytes if they begin with VBE2, else 256 ------------------
vesa_information:
        mov  cx, 128
        cmp  word [es:di], 'VB'
        jne  .clear
        cmp  word [es:di + 2], 'E2'
        jne  .clear
        mov  cx, 256
.clear: push di
        xor  ax, ax
        rep  stosw
        pop  di
        mov  word [es:di], 'VE'
        mov  word [es:di + 2], 'SA'
        mov  word [es:di + 4], 0x0300
        mov  word [es:di + 6], vesa_maker
        mov  [es:di + 8], cs
        mov  byte [es:di + 10], 1       ; the DAC can have 8 bits
        mov  word [es:di + 14], vesa_mode_numbers
        mov  [es:di + 16], cs
        mov  al, dispi_memory
        call read_dispi
        mov  [es:di + 18], ax
        mov  word [es:di + 20], 0x0100  ; revision of what follows
        mov  word [es:di + 22], vesa_maker
        mov  [es:di + 24], cs
        mov  word [es:di + 26], vesa_product
        mov  [es:di + 28], cs
        mov  word [es:di + 30], vesa_revision
        mov  [es:di + 32], cs
        clc
        ret

vesa_maker:    db "Retrace", 0
vesa_product:  db "Retrace display adapter", 0
vesa_revision: db "1.0", 0

; ---- 01h: ES:DI = 256 bytes about mode CX --------------------------------------
vesa_mode_information:
        mov  ax, cx
        and  ah, 0x01
        call find_vesa_mode
        jc   .done
        push di
        xor  ax, ax
        mov  cx, 128
        rep  stosw
        pop  di
        call frame_buffer_address
        mov  [es:di + 40], ax
        mov  [es:di + 42], dx
        or   ax, dx
        mov  ax, 0x001B                 ; supported, described, colours, graphics; also by windows
        jz   .attributes
        or   al, 0x80                   ; linear
.attributes:
        mov  [es:di], ax
        mov  byte [es:di + 2], 0x07     ; window A: moves, readable, writable
        mov  word [es:di + 4], 64       ; by so many KiB
        mov  word [es:di + 6], 64
        mov  word [es:di + 8], 0xA000
        mov  word [es:di + 12], vesa_window_far
        mov  [es:di + 14], cs
        mov  ax, [cs:si + vesa_mode_width]
        mov  [es:di + 18], ax
        mov  bx, [cs:si + vesa_mode_height]
        mov  [es:di + 20], bx
        mov  word [es:di + 22], 0x1008  ; a character is 8 x 16
        mov  byte [es:di + 24], 1       ; planes
        mov  cl, [cs:si + vesa_mode_depth]
        mov  [es:di + 25], cl
        mov  byte [es:di + 26], 1       ; banks
        mov  byte [es:di + 30], 1
        xchg ax, cx
        mov  ah, 0
        push ax
        call pixel_bytes
        mul  cx
        mov  [es:di + 16], ax           ; bytes of a line
        mov  [es:di + 50], ax
        mul  bx                         ; of a picture, in units of 64 KiB
        cmp  ax, 1
        cmc
        adc  dx, 0
        mov  cx, dx
        mov  al, dispi_memory
        call read_dispi
        xor  dx, dx
        div  cx
        dec  ax
        cmp  ax, 255
        jbe  .pages
        mov  al, 255
.pages: mov  [es:di + 29], al
        mov  [es:di + 52], al
        mov  [es:di + 53], al
        mov  word [es:di + 62], 0xE680  ; 230 MHz at most
        mov  word [es:di + 64], 0x0DB5
        pop  ax
        mov  byte [es:di + 27], 4       ; packed pixels
        cmp  al, 8
        je   .done                      ; and no carry
        mov  byte [es:di + 27], 6       ; direct colour
        mov  byte [es:di + 39], 2       ; the bits that are left over may be used
        mov  si, vesa_fields_15
        cmp  al, 15
        je   .fields
        mov  si, vesa_fields_16
        cmp  al, 16
        je   .fields
        mov  si, vesa_fields_24
        cmp  al, 24
        je   .fields
        mov  si, vesa_fields_32
.fields:
        push ds
        push cs
        pop  ds
        push si
        push di
        add  di, 31
        mov  cx, 4
        rep  movsw
        pop  di
        pop  si
        add  di, 54
        mov  cx, 4
        rep  movsw
        pop  ds
        clc
.done:  ret

; Size and lowest bit of red, green, blue and what is left over.
vesa_fields_15: db 5, 10, 5, 5, 5, 0, 1, 15
vesa_fields_16: db 5, 11, 6, 5, 5, 0, 0, 0
vesa_fields_24: db 8, 16, 8, 8, 8, 0, 0, 0
vesa_fields_32: db 8, 16, 8, 8, 8, 0, 8, 24

; SI = the row of mode AX. Carry: there is none.
find_vesa_mode:
        mov  si, vesa_modes
.next:  cmp  word [cs:si], 0
        je   .none
        cmp  [cs:si], ax
        je   .found                     ; and no carry
        add  si, vesa_mode_row
        jmp  .next
.none:  stc
.found: ret

; ---- 02h: BX = mode, bit 14 by its linear address, bit 15 keeps memory ----------
vesa_set_mode:
        mov  ax, bx
        and  ax, 0x01FF
        test ah, 1
        jnz  .linear
        cmp  al, mode_last
        ja   .refuse
        mov  si, ax
        cmp  byte [cs:mode_parameters + si], 0xFF
        je   .refuse
        and  bh, 0x80
        or   al, bh
        call set_mode
        clc
        ret
.refuse:
        stc
.done:  ret
.linear:
        call find_vesa_mode
        jc   .done
        test bh, 0x40
        jz   .set
        call frame_buffer_address
        or   ax, dx
        jz   .refuse
.set:   push bx
        push si
        mov  ax, 0x0093                 ; colours and timing are mode 13h's, memory stays
        call set_mode
        pop  si
        mov  al, dispi_width
        mov  bx, [cs:si + vesa_mode_width]
        call write_dispi
        mov  al, dispi_height
        mov  bx, [cs:si + vesa_mode_height]
        call write_dispi
        mov  al, dispi_depth
        mov  bl, [cs:si + vesa_mode_depth]
        mov  bh, 0
        call write_dispi
        pop  cx
        mov  bx, dispi_on | dispi_linear
        test ch, 0x80
        jz   .enable
        or   bl, dispi_keep
.enable:
        mov  al, dispi_enable
        call try_dispi
        jc   .done
        ; What programs may look at. No text is drawn in these modes: they look to the text functions like a text mode, whose
        ; memory does not answer now.
        and  cx, 0xC1FF
        mov  [bda_vesa_mode], cx
        and  byte [bda_control], 0xFF - control_keep
        mov  byte [bda_mode], 0x7F
        mov  ax, [cs:si + vesa_mode_width]
        mov  cl, 3
        shr  ax, cl
        mov  [bda_columns], ax
        mov  ax, [cs:si + vesa_mode_height]
        inc  cl
        shr  ax, cl
        dec  ax
        mov  [bda_rows], al
        mov  word [bda_char_height], 16
        clc
        ret

; ---- 03h: BX = the mode ----------------------------------------------------------
vesa_get_mode:
        call test_linear
        mov  ax, [bda_vesa_mode]
        jnz  .told
        mov  al, [bda_mode]
        mov  ah, 0
.told:  mov  [bp + frame_bx], ax        ; no carry from the test
        ret

; ---- 04h: DL = 0 size in BX, 1 save to ES:BX, 2 restore; CX as function 1Ch, bit 3: the linear frame buffer's registers ---
vesa_state:
        and  cx, 0x0F
        mov  si, bx
        push cx
        and  cl, 0x07
        call state_size                 ; to the caller's BX, in units of 64 bytes
        pop  cx
        mov  ax, [bp + frame_bx]
        cmp  dl, 1
        jb   .size
        mov  [bp + frame_bx], si
        ja   .restore
        push si
        push ax
        push cx
        mov  bx, si
        and  cl, 0x07
        call save_state
        pop  cx
        pop  ax
        pop  si
        call .place
        jz   .done
        mov  bx, dispi_enable
        call .store
        mov  bx, dispi_width
.save:  call .store
        inc  bx
        cmp  bx, dispi_enable
        je   .save_next
        cmp  bx, dispi_top
        jbe  .save
        mov  ax, [bda_vesa_mode]
        stosw
.done:  clc
        ret
.save_next:
        inc  bx
        jmp  .save
.store: mov  al, bl
        call read_dispi
        stosw
        ret
.size:  test cl, 0x08
        jz   .told
        inc  ax
.told:  mov  [bp + frame_bx], ax
        clc
        ret
.restore:
        cmp  dl, 2
        jne  .refuse
        test cl, 0x08
        jz   .vga
        call leave_linear
.vga:   push si
        push ax
        push cx
        mov  bx, si
        and  cl, 0x07
        call restore_state
        pop  cx
        pop  ax
        pop  si
        call .place
        jz   .done
        ; width, height and depth; then it is enabled with memory as it is; then the rest
        mov  si, di
        mov  cx, [es:si]
        mov  ax, [es:si + 18]
        mov  [bda_vesa_mode], ax
        test cl, dispi_on
        jz   .done
        inc  si
        inc  si
        mov  al, dispi_width
.first: call .load
        cmp  al, dispi_enable
        jb   .first
        mov  bx, cx
        or   bl, dispi_keep
        push ax
        call write_dispi
        pop  ax
.rest:  inc  ax
        cmp  al, dispi_lines
        je   .skip
        push ax
        mov  bx, [es:si]
        call write_dispi
        pop  ax
.skip:  inc  si
        inc  si
        cmp  al, dispi_top
        jb   .rest
        clc
        ret
.load:  mov  bx, [es:si]
        inc  si
        inc  si
        push ax
        call write_dispi
        pop  ax
        inc  ax
        ret
.refuse:
        stc
        ret
; ES:DI = where the linear frame buffer's registers are kept, AX units behind SI. Zero: nobody asked for them.
.place: push cx
        mov  cl, 6
        shl  ax, cl
        pop  cx
        add  ax, si
        mov  di, ax
        test cl, 0x08
        ret

; ---- 05h: BL = 0 window A; BH = 0: DX = its place, 1: tell it in DX --------------
vesa_window:
        cmp  bx, 0x0100
        je   .tell
        test bx, bx
        jnz  .refuse
        call test_linear
        jz   .refuse
        mov  al, dispi_bank
        mov  bx, dx
        jmp  try_dispi
.tell:  mov  al, dispi_bank
        call read_dispi
        mov  [bp + frame_dx], ax
        clc
        ret
.refuse:
        stc
        ret

; The same by a far call, which may change AX and DX; it tells in DX.
vesa_window_far:
        push bx
        push cx
        mov  al, dispi_bank
        cmp  bh, 1
        je   .tell
        mov  bx, dx
        call write_dispi
        jmp  .done
.tell:  call read_dispi
        mov  dx, ax
.done:  pop  cx
        pop  bx
        mov  ax, 0x004F
        retf

; ---- 06h: BL = 0 set to CX pixels, 1 tell, 2 set to CX bytes, 3 tell the most -----
; BX = bytes of a line, CX = pixels, DX = lines of memory
vesa_line_length:
        call test_linear
        jz   .refuse
        cmp  bl, 1
        jb   .set
        je   .tell
        cmp  bl, 3
        je   .most
        ja   .refuse
        call current_pixel_bytes
        xchg ax, cx
        add  ax, cx
        dec  ax
        xor  dx, dx
        div  cx
        mov  cx, ax
.set:   mov  bx, cx
        mov  al, dispi_pitch
        call try_dispi
        jc   .done
.tell:  mov  al, dispi_lines
        call read_dispi
        mov  [bp + frame_dx], ax
        mov  al, dispi_pitch
        call read_dispi
        mov  cx, ax
.tell_length:
        mov  [bp + frame_cx], cx
        call current_pixel_bytes
        mul  cx
        mov  [bp + frame_bx], ax
        clc
.done:  ret
.refuse:
        stc
        ret
.most:  mov  al, dispi_height
        call read_dispi
        mov  [bp + frame_dx], ax
        mov  cx, ax
        mov  al, dispi_memory
        call read_dispi
        mov  dx, ax
        mov  ax, 0xFFFF
        cmp  dx, cx
        jae  .bytes                     ; more than a word can say
        xor  ax, ax
        div  cx
.bytes: mov  cx, ax
        call current_pixel_bytes
        xchg ax, cx
        xor  dx, dx
        div  cx
        and  al, 0xF8
        mov  cx, ax
        jmp  .tell_length

; ---- 07h: BL = 0 or 80h (in the retrace): the picture begins at pixel CX of line DX; 1 tell ---
vesa_display_start:
        call test_linear
        jz   .refuse
        cmp  bl, 1
        je   .tell
        test bl, 0x7F
        jnz  .refuse
        test bl, 0x80
        jz   .set
        call await_retrace
.set:   mov  al, dispi_left
        mov  bx, cx
        call write_dispi
        mov  al, dispi_top
        mov  bx, dx
        call try_dispi
        jc   .done
        mov  al, dispi_left             ; again: beside the line before it may not have fitted
        mov  bx, cx
        jmp  try_dispi
.tell:  mov  al, dispi_left
        call read_dispi
        mov  [bp + frame_cx], ax
        mov  al, dispi_top
        call read_dispi
        mov  [bp + frame_dx], ax
        mov  byte [bp + frame_bh], 0
        clc
.done:  ret
.refuse:
        stc
        ret

; Until the next vertical retrace begins. Changes AL.
await_retrace:
        push dx
        mov  dx, [bda_crtc]
        add  dl, status_from_crtc
.in:    in   al, dx
        test al, 8
        jnz  .in
.shown: in   al, dx
        test al, 8
        jz   .shown
        pop  dx
        ret

; ---- 08h: BL = 0: the DAC gets BH bits, 1: tell them in BH -----------------------
vesa_dac_width:
        call test_linear
        jz   .refuse
        push ax
        call current_pixel_bytes
        cmp  ax, 1
        pop  ax
        jne  .refuse
        cmp  bl, 1
        ja   .refuse
        je   .tell
        and  al, 0xFF - dispi_8_bit_dac
        or   al, dispi_keep
        cmp  bh, 8
        jb   .set
        or   al, dispi_8_bit_dac
.set:   mov  bx, ax
        mov  al, dispi_enable
        call write_dispi
        call test_linear
.tell:  mov  ah, 6
        test al, dispi_8_bit_dac
        jz   .told
        mov  ah, 8
.told:  mov  [bp + frame_bh], ah
        clc
        ret
.refuse:
        stc
        ret

; ---- 09h: BL = 0 or 80h (in the retrace): CX colours from DX on = ES:DI (blue, green, red, nothing); 1 tell ---
vesa_palette:
        mov  ax, dx
        add  ax, cx
        jc   .refuse
        cmp  ax, 256
        ja   .refuse
        jcxz .done                      ; and no carry
        mov  al, dl
        cmp  bl, 1
        je   .tell
        test bl, 0x7F
        jnz  .refuse
        test bl, 0x80
        jz   .set
        push ax
        call await_retrace
        pop  ax
.set:   mov  dx, port_dac_write
        out  dx, al
        inc  dx
.next:  mov  al, [es:di + 2]
        out  dx, al
        mov  al, [es:di + 1]
        out  dx, al
        mov  al, [es:di]
        out  dx, al
        add  di, 4
        loop .next
.done:  clc
        ret
.tell:  mov  dx, port_dac_read
        out  dx, al
        inc  dx
        inc  dx
.read:  in   al, dx
        mov  [es:di + 2], al
        in   al, dx
        mov  [es:di + 1], al
        in   al, dx
        mov  [es:di], al
        mov  byte [es:di + 3], 0
        add  di, 4
        loop .read
        clc
        ret
.refuse:
        stc
        ret

; ---- 0Ah: BL = 0: ES:DI = code for protected mode, CX = its length ----------------
vesa_protected:
        cmp  bl, 0
        jne  .refuse
        call is_386
        jb   .done
        mov  [bp + frame_es], cs
        mov  word [bp + frame_di], protected_interface
        mov  word [bp + frame_cx], protected_interface_end - protected_interface
        clc
.done:  ret
.refuse:
        stc
        ret

; ---- 0Bh: ECX = a pixel clock: any that is wished for ------------------------------
vesa_pixel_clock:
        cmp  bl, 1
        cmc
        ret

; ---- 15h: BL = 0: what of DDC there is in BX; 1: block DX of the monitor's EDID to ES:DI ---
vesa_ddc:
        cmp  bl, 1
        ja   .refuse
        je   .edid
        mov  word [bp + frame_bx], 0x0102       ; a second at most; DDC2
        clc
        ret
.edid:  test dx, dx
        jnz  .refuse
        push ds
        push cs
        pop  ds
        mov  si, edid
        mov  cx, 64
        rep  movsw
        pop  ds
        clc
        ret
.refuse:
        stc
        ret

; Carry: older than a 386. Changes AX.
is_386:
        pushf
        xor  ax, ax
        push ax
        popf
        pushf
        pop  ax
        cmp  ah, 0xF0                   ; an 8086 has these bits always set
        jae  .older
        mov  ax, 0x7000
        push ax
        popf
        pushf
        pop  ax
        test ah, 0x70                   ; a 286 in real mode has them always clear
        jz   .older
        popf
        clc
        ret
.older: popf
        stc
        ret
