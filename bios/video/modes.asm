; Setting a mode (function 00h) and telling which is set (0Fh).

mode_last equ 0x13

; Which parameters a mode has, text with 400 lines; FFh: there is no such mode.
mode_parameters:
        db   0x17, 0x17, 0x18, 0x18, 0x04, 0x05, 0x06, 0x19
        db   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0D, 0x0E, 0x11
        db   0x12, 0x1A, 0x1B, 0x1C

mode_classes:
        db   class_text, class_text, class_text, class_text
        db   class_cga4, class_cga4, class_cga2, class_text
        db   0, 0, 0, 0, 0
        db   class_planar, class_planar, class_planar, class_planar
        db   class_planar, class_planar, class_linear
        times 32 - ($ - mode_classes) db class_text

; What a CGA would have been told at 3D8h.
mode_selects:
        db   0x2C, 0x28, 0x2D, 0x29, 0x2A, 0x2E, 0x1E, 0x29

; ---- 00h: AL = mode, bit 7 keeps what is in memory ---------------------------
set_mode:
        mov  ah, al
        and  ax, 0x807F
        cmp  al, mode_last
        ja   nothing
        mov  bl, al
        xor  bh, bh
        cmp  byte [cs:mode_parameters + bx], 0xFF
        je   nothing
        call leave_linear
        mov  bl, [bda_control]
        and  bl, 0xFF - control_keep
        or   bl, ah
        mov  [bda_control], bl
        mov  [bda_mode], al
        call find_parameters        ; ES:SI
        call note_mode
        call program_registers
        call load_default_colours
        call clear_video_memory
        call load_mode_font
        mov  word [bda_cursor_shape], 0
        call find_class
        cmp  si, class_text
        jne  .home
        mov  cx, 0x0607
        call use_cursor_shape
.home:  xor  dx, dx
        mov  bh, 0
        call move_cursor
        ; let the picture through
        call reset_attribute_index
        mov  dx, port_attribute
        mov  al, 0x20
        out  dx, al
        jmp  note_palette

; ES:SI = the 64 bytes of the mode in AL. Text modes come in three heights.
find_parameters:
        mov  bl, al
        xor  bh, bh
        mov  bl, [cs:mode_parameters + bx]
        mov  ah, [bda_vga_flags]
        test ah, vga_400_lines
        jnz  .found
        cmp  al, 7
        je   .mono
        cmp  al, 3
        ja   .found
        mov  bl, al                 ; 200 lines: 00h-03h
        test ah, vga_200_lines
        jnz  .found
        add  bl, 0x13               ; 350 lines: 13h-16h
        jmp  .found
.mono:  mov  bl, 7                  ; 350 lines
.found: mov  cl, 6
        shl  bx, cl
        les  si, [bda_save_pointer]
        les  si, [es:si]
        add  si, bx
        ret

; The BIOS data area of a new mode, from its parameters.
note_mode:
        mov  al, [es:si + parameter_columns]
        xor  ah, ah
        mov  [bda_columns], ax
        mov  al, [es:si + parameter_rows]
        mov  [bda_rows], al
        mov  al, [es:si + parameter_height]
        mov  [bda_char_height], ax
        mov  ax, [es:si + parameter_length]
        mov  [bda_page_size], ax
        xor  ax, ax
        mov  [bda_page_start], ax
        mov  [bda_page], al
        mov  di, bda_cursors
        mov  cx, 8
.home:  mov  [di], ax
        inc  di
        inc  di
        loop .home
        mov  ax, 0x20D4             ; colour: equipment bits, low byte of the port
        test byte [es:si + parameter_misc], 1
        jnz  .port
        mov  ax, 0x30B4
.port:  mov  [bda_crtc], al
        mov  byte [bda_crtc + 1], 3
        and  byte [bda_equipment], 0xCF
        or   [bda_equipment], ah
        mov  bl, [bda_mode]
        cmp  bl, 7
        ja   .done                  ; later modes have nothing a CGA would know
        xor  bh, bh
        mov  al, [cs:mode_selects + bx]
        mov  [bda_mode_select], al
        mov  al, 0x30
        cmp  bl, 6
        jne  .cga
        mov  al, 0x3F
.cga:   mov  [bda_palette], al
.done:  ret

; All registers from the parameters at ES:SI, which stays. The screen is left dark.
program_registers:
        push si
        call reset_attribute_index
        mov  dx, port_attribute
        xor  al, al
        out  dx, al
        set_register port_sequencer, 0, 1
        mov  bx, si
        add  si, parameter_sequencer
        mov  cx, 4
        mov  ah, 1
        call .write
        mov  al, [es:bx + parameter_misc]
        mov  dx, port_misc
        out  dx, al
        set_register port_sequencer, 0, 3
        mov  dx, [bda_crtc]
        mov  ax, 0x0011             ; opens registers 0-7
        out  dx, ax
        lea  si, [bx + parameter_crtc]
        mov  cx, 25
        mov  ah, 0
        call .write
        lea  si, [bx + parameter_graphics]
        mov  dx, port_graphics
        mov  cx, 9
        mov  ah, 0
        call .write
        ; attributes; the palette may have been asked to stay
        call reset_attribute_index
        lea  si, [bx + parameter_attribute]
        mov  dx, port_attribute
        mov  ah, 0
        test byte [bda_vga_flags], vga_keep_palette
        jz   .next
        add  si, 16
        mov  ah, 16
.next:  mov  al, ah
        out  dx, al
        es   lodsb
        out  dx, al
        inc  ah
        cmp  ah, 20
        jb   .next
        mov  al, ah                 ; colour select
        out  dx, al
        xor  al, al
        out  dx, al
        mov  dx, port_dac_mask
        mov  al, 0xFF
        out  dx, al
        pop  si
        ret

; CX registers from index AH on at port DX, values at ES:SI.
.write: es   lodsb
        xchg al, ah
        out  dx, ax
        xchg al, ah
        inc  ah
        loop .write
        ret

; The next write to 3C0h is an index.
reset_attribute_index:
        push ax
        push dx
        mov  dx, [bda_crtc]
        add  dl, status_from_crtc
        in   al, dx
        pop  dx
        pop  ax
        ret

; Blanks in text, nothing in graphics, unless the caller wants to keep what is there.
clear_video_memory:
        test byte [bda_control], control_keep
        jnz  .done
        push es
        call find_class
        mov  bx, 0xA000
        mov  cx, 0x8000             ; words
        xor  ax, ax
        cmp  si, class_planar
        jae  .clear
        mov  bx, 0xB800
        mov  cx, 0x4000
        cmp  si, class_text
        jne  .clear
        mov  ax, 0x0720
        cmp  byte [bda_mode], 7
        jne  .clear
        mov  bx, 0xB000
.clear: mov  es, bx
        xor  di, di
        rep  stosw
        pop  es
.done:  ret

; ---- 0Fh: AL = mode and the keep bit, AH = columns, BH = page ----------------
get_mode:
        mov  al, [bda_control]
        and  al, control_keep
        or   al, [bda_mode]
        mov  ah, [bda_columns]
        mov  [bp + frame_ax], ax
        mov  al, [bda_page]
        mov  [bp + frame_bh], al
        ret
