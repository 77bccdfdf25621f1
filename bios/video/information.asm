; What the adapter can do and what it is doing: function 1Bh, and the save table.

; ---- 1Bh: BX = 0, ES:DI = room for 64 bytes; AL = 1Bh ------------------------
get_state_information:
        or   bx, bx
        jnz  nothing_else
        mov  di, [bp + frame_di]
        mov  ax, functionality          ; 00: what is possible
        stosw
        mov  ax, cs
        stosw
        mov  si, bda_mode               ; 04-21h: as in the BIOS data area
        mov  cx, 30
        rep  movsb
        mov  al, [bda_rows]             ; 22h
        inc  al
        stosb
        mov  ax, [bda_char_height]
        stosw
        mov  al, [bda_display_code]     ; 25h
        xor  ah, ah
        stosw
        mov  bl, [bda_mode]             ; 27h: colours, 0 where they cannot be told
        and  bx, 0x1F
        mov  al, [cs:mode_colours + bx]
        xor  ah, ah
        cmp  bl, 0x13
        jne  .colours
        mov  ax, 256
.colours:
        stosw
        mov  al, [cs:mode_pages + bx]   ; 29h
        stosb
        mov  al, [cs:mode_lines + bx]   ; 2Ah: 0: 200, 1: 350, 2: 400, 3: 480
        cmp  al, 0xFF
        jne  .lines
        mov  al, 2
        test byte [bda_vga_flags], vga_400_lines
        jnz  .lines
        dec  al
        test byte [bda_vga_flags], vga_200_lines
        jz   .lines
        dec  al
.lines: stosb
        mov  dx, port_sequencer         ; 2Bh: font blocks
        mov  al, 3
        call read_indexed
        mov  bl, al
        and  al, 3
        test bl, 0x10
        jz   .first
        or   al, 4
.first: stosb
        mov  al, bl
        shr  al, 1
        shr  al, 1
        and  al, 3
        test bl, 0x20
        jz   .second
        or   al, 4
.second:
        stosb
        mov  al, 0x01                   ; 2Dh: all modes on all displays
        test byte [bda_vga_flags], vga_grey
        jz   .grey
        or   al, 0x02
.grey:  test byte [bda_vga_flags], vga_keep_palette
        jz   .palette
        or   al, 0x08
.palette:
        test byte [bda_control], control_own_cursor
        jnz  .cursor
        or   al, 0x10
.cursor:
        test byte [bda_mode_select], 0x20
        jz   .blinking
        or   al, 0x20
.blinking:
        stosb
        xor  ax, ax
        stosb
        stosw
        mov  al, 3                      ; 31h: 256 KiB
        stosb
        call own_tables                 ; 32h
        stosb
        mov  al, 0
        mov  cx, 0x40 - 0x33
        rep  stosb
        mov  byte [bp + frame_al], 0x1B
        ret

; AL = which of the save table's pointers are set: bit 2 text font, 3 graphics font,
; 1 palette.
own_tables:
        push es
        les  bx, [bda_save_pointer]
        mov  al, 0
        mov  dx, [es:bx + 4]
        or   dx, [es:bx + 6]
        jz   .text
        or   al, 0x02
.text:  mov  dx, [es:bx + 8]
        or   dx, [es:bx + 10]
        jz   .graphics
        or   al, 0x04
.graphics:
        mov  dx, [es:bx + 12]
        or   dx, [es:bx + 14]
        jz   .done
        or   al, 0x08
.done:  pop  es
        ret

mode_colours:
        db   16, 16, 16, 16, 4, 4, 2, 0, 0, 0, 0, 0, 0, 16, 16, 2
        db   16, 2, 16, 0
        times 32 - ($ - mode_colours) db 0
mode_pages:
        db   8, 8, 8, 8, 1, 1, 1, 8, 0, 0, 0, 0, 0, 8, 4, 2
        db   2, 1, 1, 1
        times 32 - ($ - mode_pages) db 0
mode_lines:                             ; FFh: as text is set
        db   0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1
        db   1, 3, 3, 0
        times 32 - ($ - mode_lines) db 0

functionality:
        db   0xFF, 0xE0, 0x0F           ; modes 00-07, 0D-0F, 10-13
        db   0, 0, 0, 0
        db   0x07                       ; text with 200, 350 and 400 lines
        db   2                          ; fonts on show at once
        db   8                          ; fonts in memory
        db   0xFF                       ; see 1Bh in the reference: all of group one
        db   0x0E                       ; palette pages, states, blinking; no light pen
        dw   0
        db   0x3C                       ; what the save table may hold
        db   0

; What 40:A8 points to: parameters, palette copy, text font, graphics font, and the
; second table, which there is none of.
save_table:
        dw   parameter_table, 0xC000
        dw   0, 0
        dw   0, 0
        dw   0, 0
        dw   0, 0
        dw   0, 0
        dw   0, 0
