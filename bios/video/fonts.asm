; Fonts (function 11h): loading them into the character generator in plane 2, choosing
; blocks, rows that follow from a font's height, the fonts of graphics modes.

font_service:
        mov  si, .functions
        jmp  sub_function

.functions:
        service 0x00, load_user_font
        service 0x01, load_8x14
        service 0x02, load_8x8
        service 0x03, set_blocks
        service 0x04, load_8x16
        service 0x10, use_user_font
        service 0x11, use_8x14
        service 0x12, use_8x8
        service 0x14, use_8x16
        service 0x20, set_upper_graphics_font
        service 0x21, set_user_graphics_font
        service 0x22, set_graphics_8x14
        service 0x23, set_graphics_8x8
        service 0x24, set_graphics_8x16
        service 0x30, get_font_information
        db   0xFF

; ---- 00h-04h: into block BL; 10h-14h: and rows follow ------------------------
load_user_font:                         ; BH = height, CX characters from DX, ES:BP
        mov  si, [bp + frame_bp]
        jmp  load_font
load_8x14:
        mov  si, font_8x14
        mov  bh, 14
        jmp  load_rom_font
load_8x8:
        mov  si, font_8x8
        mov  bh, 8
        jmp  load_rom_font
load_8x16:
        mov  si, font_8x16
        mov  bh, 16
load_rom_font:                          ; SI = font in this ROM, BH = height
        push cs
        pop  es
        mov  cx, 256
        xor  dx, dx
        jmp  load_font

use_user_font:
        call load_user_font
        mov  bh, [bp + frame_bh]
        jmp  fit_rows
use_8x14:
        call load_8x14
        mov  bh, 14
        jmp  fit_rows
use_8x8:
        call load_8x8
        mov  bh, 8
        jmp  fit_rows
use_8x16:
        call load_8x16
        mov  bh, 16

; Rows, scan lines and cursor for characters BH lines high, from the lines that the
; text mode has. In graphics nothing follows.
fit_rows:
        call find_class
        cmp  si, class_text
        jne  .done
        or   bh, bh
        jz   .done
        cmp  bh, 32
        ja   .done
        mov  ax, 400                    ; lines; 200 ones are doubled
        test byte [bda_vga_flags], vga_400_lines
        jnz  .lines
        mov  ax, 350
        cmp  byte [bda_mode], 7
        je   .lines
        test byte [bda_vga_flags], vga_200_lines
        jz   .lines
        mov  ax, 200
.lines: mov  bl, bh
        xor  bh, bh
        mov  [bda_char_height], bx
        div  bl                         ; rows
        mov  ch, al
        dec  al
        mov  [bda_rows], al
        ; a character's last line
        mov  dx, [bda_crtc]
        mov  al, 9
        out  dx, al
        inc  dx
        in   al, dx
        and  al, 0xE0
        mov  ah, bl
        dec  ah
        or   al, ah
        out  dx, al
        mov  cl, al                     ; bit 7: doubled
        dec  dx
        cmp  byte [bda_mode], 7
        jne  .displayed
        mov  al, 0x14                   ; where mono underlines
        out  dx, ax
.displayed:
        mov  al, ch                     ; the last whole row ends the picture
        mul  bl
        test cl, 0x80
        jz   .once
        shl  ax, 1
.once:  dec  ax
        mov  ah, al
        mov  al, 0x12
        out  dx, ax
        mov  al, ch
        mul  byte [bda_columns]         ; a page, in units of 2 KiB
        shl  ax, 1
        add  ax, 0x07FF
        and  ax, 0xF800
        mov  [bda_page_size], ax
        mov  al, [bda_page]             ; the pages have moved
        call set_page
        mov  cx, [bda_cursor_shape]
        jmp  use_cursor_shape
.done:  ret

; CX characters from number DX on, BH lines each, from ES:SI into block BL.
; Keeps BP and DS only.
load_font:
        push ds
        push bp
        jcxz .none
        or   bh, bh
        jz   .none
        cmp  bh, 32
        ja   .none
        cmp  dx, 256
        jae  .none
        mov  ax, 256
        sub  ax, dx
        cmp  cx, ax
        jbe  .fits
        mov  cx, ax
.fits:  mov  di, cx                     ; offset = block and character
        mov  cl, 5
        shl  dx, cl
        mov  al, bl
        and  al, 3
        ror  al, 1
        ror  al, 1
        test bl, 4
        jz   .offset
        or   al, 0x20
.offset:
        mov  ah, al
        mov  al, 0
        add  dx, ax
        mov  cx, di
        mov  di, dx
        push es
        pop  ds
        call open_font_plane
        push ax
        push dx
        mov  ax, 0xA000
        mov  es, ax
        mov  dx, cx
        mov  bl, bh
        xor  bh, bh
        mov  ax, 32
        sub  ax, bx                     ; unused lines of each character
.next:  mov  cx, bx
        rep  movsb
        add  di, ax
        dec  dx
        jnz  .next
        pop  dx
        pop  ax
        call close_font_plane
.none:  pop  bp
        pop  ds
        ret

; Plane 2 alone at A0000h, byte after byte. What was there before is in AX, BP and DX
; and on the way back. Spoils nothing else.
open_font_plane:
        mov  dx, port_sequencer
        mov  al, 2
        call read_indexed
        mov  ah, al
        mov  al, 4
        call read_indexed
        push ax                         ; map mask, memory mode
        mov  ax, 0x0402
        out  dx, ax
        mov  ax, 0x0704
        out  dx, ax
        mov  dx, port_graphics
        mov  al, 5
        call read_indexed
        mov  ah, al
        mov  al, 6
        call read_indexed
        mov  bp, ax                     ; mode, miscellaneous
        mov  ax, 0x0204
        out  dx, ax
        mov  ax, 0x0005
        out  dx, ax
        mov  ax, 0x0406
        out  dx, ax
        pop  ax
        ret

close_font_plane:
        mov  dx, port_sequencer
        push ax
        mov  al, 2
        out  dx, ax
        pop  ax
        mov  ah, al
        mov  al, 4
        out  dx, ax
        mov  dx, port_graphics
        mov  ax, bp
        mov  al, 5
        out  dx, ax
        mov  ax, bp
        mov  ah, al
        mov  al, 6
        out  dx, ax
        mov  ax, 0x0004
        out  dx, ax
        ret

; AL = register AL of the chip at DX.
read_indexed:
        out  dx, al
        inc  dx
        in   al, dx
        dec  dx
        ret

; The font of the mode just set: into plane 2 for text, at INT 43h for all, its upper
; half at INT 1Fh. A program's own fonts in the save table come last.
load_mode_font:
        mov  ax, [bda_char_height]
        mov  si, font_8x16
        cmp  al, 14
        ja   .chosen
        mov  si, font_8x14
        je   .chosen
        mov  si, font_8x8
.chosen:
        mov  [vector(0x43)], si
        mov  [vector(0x43) + 2], cs
        mov  word [vector(0x1F)], font_8x8 + 128 * 8
        mov  [vector(0x1F) + 2], cs
        mov  bh, al
        call find_class
        cmp  si, class_text
        jne  .graphics
        mov  si, [vector(0x43)]
        mov  bl, 0
        call load_rom_font
        set_register port_sequencer, 3, 0
        les  di, [bda_save_pointer]
        mov  si, 8
        call find_own_font
        jc   .done
        ; height, block, count, first, font, rows or FFh, modes up to FFh
        push word [es:di + 10]
        mov  bx, [es:di]
        xchg bl, bh
        mov  cx, [es:di + 2]
        mov  dx, [es:di + 4]
        push bx
        les  si, [es:di + 6]
        call load_font
        pop  bx
        call fit_rows
        pop  ax
        cmp  al, 0xFF
        je   .done
        dec  al
        mov  [bda_rows], al
.done:  ret

.graphics:
        les  di, [bda_save_pointer]
        mov  si, 12
        call find_own_font
        jc   .done
        ; rows, height, font, modes up to FFh
        mov  al, [es:di]
        dec  al
        mov  [bda_rows], al
        mov  ax, [es:di + 1]
        mov  [bda_char_height], ax
        les  di, [es:di + 3]
        mov  [vector(0x43)], di
        mov  [vector(0x43) + 2], es
        ret

; ES:DI = the save table's entry at offset SI if it names the mode; else carry.
find_own_font:
        mov  bx, 11                     ; where its list of modes begins
        cmp  si, 8
        je   .list
        mov  bx, 7
.list:  add  di, si
        mov  ax, [es:di]
        or   ax, [es:di + 2]
        jz   .none
        les  di, [es:di]
.next:  mov  al, [es:bx + di]
        inc  bx
        cmp  al, 0xFF
        je   .none
        cmp  al, [bda_mode]
        jne  .next
        clc
        ret
.none:  stc
        ret

; ---- 03h: BL = blocks for attribute bit 3 clear and set, as the sequencer has them
set_blocks:
        mov  dx, port_sequencer
        mov  al, 3
        mov  ah, bl
        out  dx, ax
        ret

; ---- 20h: ES:BP = upper half for modes 4-6 -----------------------------------
set_upper_graphics_font:
        mov  ax, [bp + frame_bp]
        mov  [vector(0x1F)], ax
        mov  [vector(0x1F) + 2], es
        ret

; ---- 21h-24h: fonts of graphics modes; BL = rows: 0 as in DL, 1: 14, 2: 25, 3: 43
set_user_graphics_font:                 ; ES:BP, CX = height
        mov  si, [bp + frame_bp]
        jmp  set_graphics_font
set_graphics_8x14:
        mov  si, font_8x14
        mov  cx, 14
        jmp  set_graphics_rom_font
set_graphics_8x8:
        mov  si, font_8x8
        mov  cx, 8
        jmp  set_graphics_rom_font
set_graphics_8x16:
        mov  si, font_8x16
        mov  cx, 16
set_graphics_rom_font:
        push cs
        pop  es
set_graphics_font:
        mov  [vector(0x43)], si
        mov  [vector(0x43) + 2], es
        mov  [bda_char_height], cx
        mov  al, dl
        mov  bh, 0
        or   bl, bl
        jz   .rows
        and  bx, 3
        mov  al, [cs:.counts + bx]
.rows:  dec  al
        mov  [bda_rows], al
        ret
.counts: db  25, 14, 25, 43

; ---- 30h: BH = which; ES:BP = font, CX = height in use, DL = rows less one ---
get_font_information:
        mov  al, bh
        cmp  al, 7
        ja   .done
        les  di, [vector(0x1F)]
        cmp  al, 1
        jb   .found
        les  di, [vector(0x43)]
        je   .found
        push cs
        pop  es
        mov  bl, bh
        xor  bh, bh
        shl  bx, 1
        mov  di, [cs:.fonts - 4 + bx]
.found: mov  [bp + frame_bp], di
        mov  [bp + frame_es], es
        mov  ax, [bda_char_height]
        mov  [bp + frame_cx], ax
        mov  al, [bda_rows]
        mov  [bp + frame_dl], al
.done:  ret

.fonts: dw   font_8x14, font_8x8, font_8x8 + 128 * 8, font_9x14, font_8x16, font_9x16
