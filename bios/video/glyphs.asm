; Characters in graphics modes: drawing one and finding out which one stands there.
; The font is at INT 43h, its height in the BIOS data area; modes 4-6 have the upper
; half of theirs at INT 1Fh.

; ES:SI = the pattern of AL. Spoils AX.
find_glyph:
        push bx
        mov  bl, al
        xor  bh, bh
        call find_class
        cmp  si, class_planar
        jae  .whole
        shl  bl, 1                      ; carry: the upper half
        jc   .upper
        shr  bl, 1
.whole: les  si, [vector(0x43)]
.found: mov  al, [bda_char_height]
        mul  bl
        add  si, ax
        pop  bx
        ret
.upper: shr  bl, 1
        les  si, [vector(0x1F)]
        jmp  .found

; DI = offset of the cell at DX on page BH, SI = class. Spoils AX, CX, DX.
graphics_cell:
        call find_class
        mov  cx, dx
        mov  al, dh
        mul  byte [bda_char_height]     ; lines above
        mov  dx, [cs:.pitches - class_cga4 + si]
        cmp  si, class_planar
        jne  .pitch
        mov  dx, [bda_columns]
.pitch: mul  dx
        mov  di, ax
        xor  ch, ch
        mov  ax, cx
        mov  cl, [cs:.shifts - class_cga4 + si]
        shl  ax, cl
        add  di, ax
        cmp  si, class_planar
        jne  .done
        call find_page
        add  di, ax
.done:  ret

; Bytes from line to line; a CGA's two banks take 80 bytes for two lines.
.pitches: dw 40, 40, 0, 320
.shifts:  dw 1, 0, 0, 3                 ; bytes of a cell as a power of two

; AL = character, BL = colour (bit 7: exclusive or, but not in mode 13h), BH = page,
; DX = cell. Keeps DS only.
draw_glyph:
        push ax
        call graphics_cell
        pop  ax
        push si
        call find_glyph
        mov  ax, 0xB800
        mov  cx, [bda_char_height]
        mov  bp, [bda_columns]
        push es
        pop  ds
        mov  es, ax
        mov  ax, bx                     ; AL = colour
        pop  bx
        call [cs:.draw - class_cga4 + bx]
        xor  ax, ax
        mov  ds, ax
        ret

.draw:  dw   .cga4, .cga2, .planar, .linear

; AL = colour, CX = lines, DS:SI = glyph, ES:DI = where it goes, BP = bytes of a line.

.cga2:  mov  bh, al
        mov  bl, al
        and  bl, 1
        neg  bl                         ; which pixels may be lit
.cga2_line:
        lodsb
        and  al, bl
        test bh, 0x80
        jz   .cga2_put
        xor  al, [es:di]
.cga2_put:
        mov  [es:di], al
        call next_cga_line
        loop .cga2_line
        ret

.cga4:  push ax
        and  al, 3
        mov  ah, 0x55                   ; the colour in every pixel
        mul  ah
        mov  ah, al
        mov  bp, ax
        pop  ax
        mov  bh, al
.cga4_line:
        push cx
        mov  cx, 8
        lodsb
.cga4_bit:
        shl  dx, 1
        shl  dx, 1
        and  dl, 0xFC
        shl  al, 1
        jnc  .cga4_clear
        or   dl, 3
.cga4_clear:
        loop .cga4_bit
        pop  cx
        and  dx, bp
        xchg dl, dh
        test bh, 0x80
        jz   .cga4_put
        xor  dx, [es:di]
.cga4_put:
        mov  [es:di], dx
        call next_cga_line
        loop .cga4_line
        ret

.linear:
        mov  bl, al
        mov  ax, 0xA000
        mov  es, ax
        mov  dx, cx
.linear_line:
        mov  cx, 8
        lodsb
        mov  ah, al
.linear_bit:
        mov  al, 0
        shl  ah, 1
        jnc  .linear_put
        mov  al, bl
.linear_put:
        stosb
        loop .linear_bit
        add  di, 320 - 8
        dec  dx
        jnz  .linear_line
        ret

.planar:
        mov  bx, ax
        mov  ax, 0xA000
        mov  es, ax
        call planar_begin
        test bl, 0x80
        jnz  .exclusive
        push di                         ; all planes dark, then the colour's planes
        push cx
.dark:  mov  byte [es:di], 0
        add  di, bp
        loop .dark
        pop  cx
        pop  di
        jmp  .planes
.exclusive:
        set_register port_graphics, 3, 0x18
.planes:
        mov  dx, port_sequencer
        mov  al, 2
        mov  ah, bl
        and  ah, 0x0F
        out  dx, ax
.planar_line:
        lodsb
        mov  ah, [es:di]                ; into the latches
        mov  [es:di], al
        add  di, bp
        loop .planar_line
        jmp  planar_end

; ES:DI one line down: even lines are in one bank, odd ones in the other.
next_cga_line:
        xor  di, 0x2000
        test di, 0x2000
        jnz  .done
        add  di, 80
.done:  ret

; The graphics controller as a mode set leaves it: what is written goes into all planes.
; Spoils AX, DX.
planar_begin:
planar_end:
        set_register port_graphics, 1, 0
        mov  ax, 0x0003
        out  dx, ax
        mov  ax, 0x0005
        out  dx, ax
        mov  ax, 0xFF08
        out  dx, ax
        set_register port_sequencer, 2, 0x0F
        ret

; AL = the character at DX of page BH, by its shape; 0 if nothing looks like it, AH = 0.
; A pixel counts as lit if it is not colour 0. Blank is read as a space.
read_glyph:
        push bp
        mov  bp, sp
        sub  sp, 32
        call graphics_cell
        mov  bx, si
        mov  cx, [bda_char_height]
        cmp  cx, 32
        ja   .nothing
        mov  ax, 0xB800
        cmp  bx, class_planar
        jb   .segment
        mov  ax, 0xA000
.segment:
        mov  es, ax
        lea  si, [bp - 32]
        call [cs:.read - class_cga4 + bx]
        ; compare, first what can be printed
        mov  cx, 256
        mov  al, 32
.next:  push ax
        push cx
        call find_glyph                 ; ES:SI
        lea  di, [bp - 32]
        mov  cx, [bda_char_height]
.line:  es   lodsb
        cmp  al, [ss:di]
        jne  .other
        lea  di, [di + 1]               ; the flags stay
        loop .line
.other: pop  cx
        pop  ax
        je   .found
        inc  al
        loop .next
.nothing:
        xor  al, al
.found: xor  ah, ah
        mov  sp, bp
        pop  bp
        ret

.read:  dw   .cga4, .cga2, .planar, .linear

; CX lines from ES:DI to SS:SI, a bit a pixel.

.cga2:  mov  al, [es:di]
        mov  [ss:si], al
        inc  si
        call next_cga_line
        loop .cga2
        ret

.cga4:  push cx
        mov  dx, [es:di]
        xchg dl, dh
        mov  cx, 8
.cga4_bit:
        test dh, 0xC0
        jz   .cga4_dark
        stc
.cga4_dark:
        rcl  al, 1
        shl  dx, 1
        shl  dx, 1
        loop .cga4_bit
        mov  [ss:si], al
        inc  si
        call next_cga_line
        pop  cx
        loop .cga4
        ret

.linear:
        push cx
        mov  cx, 8
.linear_bit:
        cmp  byte [es:di], 1            ; carry: dark
        cmc
        rcl  al, 1
        inc  di
        loop .linear_bit
        add  di, 320 - 8
        mov  [ss:si], al
        inc  si
        pop  cx
        loop .linear
        ret

.planar:
        mov  dx, port_graphics          ; bits that compare equal to colour 0
        mov  al, 7
        out  dx, al
        inc  dx
        in   al, dx
        push ax
        dec  dx
        mov  ax, 0x0F07
        out  dx, ax
        mov  ax, 0x0002
        out  dx, ax
        mov  ax, 0x0805
        out  dx, ax
.planar_line:
        mov  al, [es:di]
        not  al
        mov  [ss:si], al
        inc  si
        add  di, [bda_columns]
        loop .planar_line
        mov  ax, 0x0005
        out  dx, ax
        pop  ax
        mov  ah, al
        mov  al, 7
        out  dx, ax
        ret
