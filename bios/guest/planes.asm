; The third scene: mode 12h, four planes. A beam paints a picture on the screen of a
; monitor, line by line from the top, and flies back; then the floor moves by its colours.
;
; How lines are drawn is in levels.asm, what they show in picture.asm. The beam's way back
; is drawn with exclusive or in write mode 2.

        absolute scene_variables
painted:    resw 1
beam_x:     resw 1
beam_y:     resw 1
beam_error: resw 1
cycle:      resw 1
letter_line: resb 7
        section .text

screen_left   equ 64
screen_right  equ 575
screen_top    equ 32
screen_bottom equ 383
horizon       equ 232
sun_y         equ 186
sun_radius    equ 80
title_top     equ 52
title_left    equ 180
title_scale   equ 5

; Colours: the sky is 1-6 (7 glows on the horizon), the sun 7-8, the floor 9-12.
ink_case    equ 14
ink_shade   equ 13
ink_beam    equ 15

planes_palette:
        db   0, 0, 0
        db   6, 3, 20,  16, 5, 30,  28, 8, 36,  42, 11, 36,  54, 20, 30,  62, 34, 24
        db   63, 56, 26,  63, 28, 30
        db   14, 2, 22,  14, 2, 22,  14, 2, 22,  14, 2, 22
        db   18, 18, 22
        db   40, 40, 44
        db   63, 63, 63

planes:
        mov  ax, 0x0012
        int  0x10
        mov  ax, 0x1002
        mov  dx, identity
        push ds
        pop  es
        int  0x10
        mov  si, planes_palette
        mov  cx, 48
        mov  dx, 0x3C8
        mov  al, 0
        out  dx, al
        inc  dx
.colour:
        lodsb
        out  dx, al
        loop .colour
        call write_caption
        call open_frames
        call begin_planes
        call draw_monitor
        mov  word [painted], screen_top
        mov  word [cycle], 0
.paint: call wait_frame
        mov  cx, 2
.line:  push cx
        mov  dx, [painted]
        call paint_line
        inc  word [painted]
        mov  dx, [painted]
        pop  cx
        cmp  dx, screen_bottom
        ja   .painted
        push cx
        call draw_beam
        pop  cx
        loop .line
        call poll_key
        jnc  .paint
        jmp  .leave
.painted:
        call start_back             ; drawn, and drawn again to take it away
        call fly_back
        jc   .leave
        call start_back
        call fly_back
        jc   .leave
.move:  call wait_frame
        call move_floor
        call poll_key
        jnc  .move
.leave: push ax
        call end_planes
        pop  ax
        jmp  close_frames

write_caption:
        mov  si, .text
        mov  ah, 2
        mov  bh, 0
        mov  dx, 29 << 8 | 20
        int  0x10
.next:  lodsb
        or   al, al
        jz   .done
        mov  ah, 0x0E
        mov  bx, ink_case
        int  0x10
        jmp  .next
.done:  ret
.text:  db   "640 x 480 in 16 colours    Esc  back", 0

draw_monitor:
        mov  bx, .boxes
.next:  cmp  word [bx], 0
        je   .done
        push bx
        mov  ax, [bx]
        mov  dx, [bx + 4]
        mov  bp, [bx + 6]
        mov  cl, [bx + 8]
        mov  bx, [bx + 2]
        call draw_box
        pop  bx
        add  bx, 9
        jmp  .next
.done:  ret

; Left, right, top, bottom, colour. The case is four boxes, so that its corners are cut.
.boxes:
%macro box 5
        dw   %1, %2, %3, %4
        db   %5
%endmacro
        box  36, 603, 6, 411, ink_case
        box  32, 607, 10, 407, ink_case
        box  28, 611, 16, 401, ink_case
        box  34, 605, 408, 413, ink_shade
        box  52, 587, 22, 393, ink_shade
        box  56, 583, 26, 389, 0
        box  64, 575, 32, 383, 0
        box  240, 399, 412, 431, ink_shade
        box  220, 419, 432, 439, ink_shade
        box  180, 459, 440, 447, ink_case
        box  176, 463, 448, 453, ink_shade
        box  552, 567, 397, 400, 7
        box  520, 535, 397, 400, ink_shade
        dw   0

; ---- the beam --------------------------------------------------------------------
draw_beam:
        mov  ax, screen_left
        mov  bx, screen_right
        mov  cx, 0xFF00 | ink_beam
        jmp  draw_level

; From the lower right corner to the upper left one.
start_back:
        mov  word [beam_x], screen_right
        mov  word [beam_y], screen_bottom
        mov  word [beam_error], 0
        ret

fly_back:
        call wait_frame
        mov  dx, 0x3CE
        mov  ax, 0x1803             ; exclusive or
        out  dx, ax
        mov  ax, 0x0205
        out  dx, ax
        mov  bp, 24                 ; so many dots a retrace
.next:  mov  ax, [beam_y]
        mov  bx, 80
        mul  bx
        mov  di, ax
        mov  ax, [beam_x]
        mov  cl, 3
        mov  bx, ax
        shr  bx, cl
        add  di, bx
        mov  cl, al
        and  cl, 7
        mov  ax, 0x8008
        shr  ah, cl
        mov  dx, 0x3CE
        out  dx, ax
        mov  al, [es:di]
        mov  byte [es:di], 0x0F
        dec  word [beam_x]
        mov  ax, [beam_error]
        add  ax, screen_bottom - screen_top
        cmp  ax, screen_right - screen_left
        jb   .level
        sub  ax, screen_right - screen_left
        dec  word [beam_y]
.level: mov  [beam_error], ax
        cmp  word [beam_x], screen_left
        jb   .there
        dec  bp
        jnz  .next
        call begin_planes
        call poll_key
        jnc  fly_back
        ret
.there: call begin_planes
        clc
        ret

; One of the floor's four colours is light, and it is another every fourth retrace.
move_floor:
        inc  word [cycle]
        mov  ax, [cycle]
        test al, 3
        jnz  .done
        shr  ax, 1
        shr  ax, 1
        and  al, 3
        mov  bl, al
        mov  dx, 0x3C8
        mov  al, 9
        out  dx, al
        inc  dx
        xor  bh, bh
.next:  mov  si, planes_palette + 3 * 9
        cmp  bh, bl
        jne  .dark
        mov  si, .light
.dark:  mov  cx, 3
.part:  lodsb
        out  dx, al
        loop .part
        inc  bh
        cmp  bh, 4
        jb   .next
.done:  ret
.light: db   50, 14, 48
