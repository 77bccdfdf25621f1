; The text screen: 80 x 25 at B8000h, sixteen colours of our own, no blinking.

; Colours of the text scenes.
ink_ground equ 0
ink_logo   equ 1                    ; ten steps: 1-10
ink_dim    equ 11
ink_text   equ 12
ink_bright equ 13
ink_accent equ 14
ink_frame  equ 15

text_palette:
        db   2, 3, 10
        db   63, 60, 30,  63, 52, 20,  63, 44, 14,  63, 34, 14,  63, 25, 20
        db   60, 17, 30,  54, 12, 38,  46, 10, 45,  37, 11, 51,  28, 13, 56
        db   24, 28, 40
        db   44, 47, 54
        db   60, 61, 63
        db   63, 47, 16
        db   15, 20, 38
text_palette_end:

; Mode 3, sixteen grounds, colour n of an attribute is DAC register n, all of them dark
; until they fade in.
open_text:
        mov  ax, 0x0003
        int  0x10
        mov  ax, 0x0100
        mov  cx, 0x2000             ; no cursor
        int  0x10
        mov  bh, 0                  ; how bright
        call load_text_palette
        mov  ax, 0x1002
        mov  dx, identity
        push ds
        pop  es
        int  0x10
        mov  ax, 0x1003
        mov  bl, 0
        int  0x10
        mov  ax, 0xB800
        mov  es, ax
        xor  di, di
        mov  ax, (ink_text << 8) | ' '
        mov  cx, 80 * 25
        rep  stosw
        ret

identity:
        db   0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0

; All sixteen colours, BH sixteenths as bright as they are.
load_text_palette:
        mov  si, text_palette
        mov  cx, text_palette_end - text_palette
        mov  dx, 0x3C8
        mov  al, 0
        out  dx, al
        inc  dx
.next:  lodsb
        mul  bh
        shr  ax, 1
        shr  ax, 1
        shr  ax, 1
        shr  ax, 1
        out  dx, al
        loop .next
        ret

; From dark to bright in half a second.
fade_in:
        call open_frames
        mov  bh, 0
.next:  call wait_frame
        call wait_frame
        call load_text_palette
        inc  bh
        cmp  bh, 16
        jbe  .next
        jmp  close_frames

; Where things go: DI = row * 160 + column * 2.
%define at(row, column) ((row) * 160 + (column) * 2)

; Text at SI onto the screen at DI, in colour AH. In the text, a byte below 16 is a new
; colour for what follows, 0 ends it. Keeps BX, CX, DX.
print:  push es
        push ax
        mov  ax, 0xB800
        mov  es, ax
        pop  ax
.next:  lodsb
        or   al, al
        jz   .done
        cmp  al, 16
        jb   .colour
        stosw
        jmp  .next
.colour:
        mov  ah, al
        jmp  .next
.done:  pop  es
        ret

; CX cells of AX at DI.
fill:   push es
        push ax
        mov  ax, 0xB800
        mov  es, ax
        pop  ax
        rep  stosw
        pop  es
        ret

; A frame at DI, CL columns wide inside, CH rows high inside, in ink_frame; its title at
; SI stands in the upper line.
frame:  push es
        mov  ax, 0xB800
        mov  es, ax
        push di
        push cx
        mov  bx, 0xBFDA             ; left and right corner
        call .line
        pop  cx
        pop  di
        push cx
        push di
        add  di, 4
        mov  ah, ink_accent
        mov  al, ' '
        stosw
        call print
        mov  ax, ink_accent << 8 | ' '
        stosw
        pop  di
        pop  cx
        mov  dl, ch
.side:  add  di, 160
        mov  ax, ink_frame << 8 | 0xB3
        mov  [es:di], ax
        mov  bx, cx
        xor  bh, bh
        shl  bx, 1
        mov  [es:di + bx + 2], ax
        dec  dl
        jnz  .side
        add  di, 160
        mov  bx, 0xD9C0
        call .line
        pop  es
        ret
.line:  mov  al, bl
        mov  ah, ink_frame
        stosw
        mov  al, 0xC4
        xor  ch, ch
        rep  stosw
        mov  al, bh
        stosw
        ret

; The word at SI (ends with 0) in half blocks at DI: every dot of the 8x16 font's lines
; 2 to 11 is half a cell, and each of the ten lines has a colour of its own.
big_word:
        push es
        push bp
        push di
        push si
        mov  ax, 0x1130             ; the font: ES:BP
        mov  bh, 6
        int  0x10
        pop  si
        pop  di
.letter:
        lodsb
        or   al, al
        jz   .done
        push si
        push di
        mov  ah, 16
        mul  ah
        mov  si, ax
        mov  bl, ink_logo           ; colour of the upper line
.cells: mov  dl, [es:bp + si + 2]
        mov  dh, [es:bp + si + 3]
        mov  cx, 8
.cell:  push es
        mov  ax, 0xB800
        mov  es, ax
        mov  ax, ink_ground << 8 | ' '
        mov  bh, bl                 ; ground: the lower line's
        inc  bh
        shl  dl, 1
        jc   .upper
        shl  dh, 1
        jnc  .put
        mov  ah, bh                 ; lower alone
        mov  al, 0xDC
        jmp  .put
.upper: mov  al, 0xDF
        mov  ah, bl
        shl  dh, 1
        jnc  .put
        push cx
        mov  cl, 4
        shl  bh, cl
        pop  cx
        or   ah, bh
.put:   stosw
        pop  es
        loop .cell
        add  di, 160 - 16
        add  si, 2
        add  bl, 2
        cmp  bl, ink_logo + 10
        jb   .cells
        pop  di
        pop  si
        add  di, 16
        jmp  .letter
.done:  pop  bp
        pop  es
        ret
